"""From a question's vector to ranked quotes."""
