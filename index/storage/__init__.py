"""Store articles, passages and vectors in the database."""
