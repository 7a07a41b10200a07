"""Find a time zone by the name of a place or by coordinates."""
