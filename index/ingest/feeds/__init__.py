"""Read feeds, sitemaps, lists of articles in HTML, and OPML."""
