"""The daily briefing: who gets it when, and what became of it."""
