"""Parse dates and times as sources print them."""
