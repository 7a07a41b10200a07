"""The archive: articles, passages, vectors and search. It knows nothing of Telegram."""
