"""Render results for the terminal, as text and as JSON."""
