"""Print results in the terminal, as text and as JSON."""
