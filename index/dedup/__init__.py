"""Find articles that repeat one another."""
