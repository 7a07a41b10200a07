"""Render the parts that messages of several features share: quotes and citations."""
