"""What editors can do: add, correct and remove articles, and see who changed what."""
