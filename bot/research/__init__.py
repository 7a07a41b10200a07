"""Profiles of names, timelines of topics and the overview of the archive."""
