"""Read articles from web pages, documents, feeds and files."""
