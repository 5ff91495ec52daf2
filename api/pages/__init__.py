"""Pages answer people with HTML: the routes' queries, a typed context, no rule. They work without scripts."""
