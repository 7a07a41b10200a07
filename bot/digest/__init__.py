"""The daily digest: subscriptions, editions, alerts and their delivery."""
