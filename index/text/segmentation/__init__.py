"""Split an article into paragraphs, sentences and passages."""
