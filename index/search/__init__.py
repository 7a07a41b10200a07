"""Find, rank and select the passages that answer a question."""
