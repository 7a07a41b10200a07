"""Follow feeds: poll them politely and bring their articles into the archive."""
