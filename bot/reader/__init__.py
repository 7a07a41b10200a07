"""What readers can do: ask, look around a quote, choose a language."""
