"""Render editions, subscriptions and charts as messages."""
