"""Compute the unit vectors of texts."""
