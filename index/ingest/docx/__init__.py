"""Extract articles from Word documents."""
