"""The embedding model: prepared once, then texts to unit vectors."""
