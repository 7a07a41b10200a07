"""Read articles from text files and from lines of JSON."""
