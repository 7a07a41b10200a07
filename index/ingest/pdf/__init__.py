"""Extract text from PDF documents."""
