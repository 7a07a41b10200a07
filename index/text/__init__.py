"""Pure functions over text: normalisation, sentences, passages, languages and dates."""
