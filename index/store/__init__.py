"""The database: the only truth."""
