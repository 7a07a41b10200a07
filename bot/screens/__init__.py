"""What is shown: pure functions from what the archive says to text."""
