"""Find the time window that a question names."""
