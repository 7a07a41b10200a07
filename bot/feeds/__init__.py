"""Feeds: the archive fills itself, politely."""
