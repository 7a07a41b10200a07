"""Store subscriptions, watches and deliveries."""
