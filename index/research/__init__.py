"""What the archive says of a name, of a topic over time, and of itself."""
