"""From articles to stories: what several of them report of one event."""
