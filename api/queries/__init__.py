"""Questions to the three databases, one module a noun: SQLAlchemy Core in, frozen views out. No rule lives here."""
