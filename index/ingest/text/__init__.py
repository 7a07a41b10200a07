"""Read articles from text files and JSON Lines."""
