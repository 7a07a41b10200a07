"""Extract an article, its metadata and its date from a web page."""
