"""Inline mode: quotes to insert in any chat, found while somebody types."""
