"""Routes answer programs with JSON: each asks a query and returns what it says; its failures are declared with it."""
