"""Cluster articles into stories and select what to quote of each."""
