"""Take from a process what it does not need to read a document."""
