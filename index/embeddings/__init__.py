"""Embed texts as unit vectors."""
