"""Render what the messages of several features show: quotes and citations."""
