"""Pure functions over text: folding, sentences, passages, languages and dates."""
