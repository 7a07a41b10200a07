"""Transport: receive updates from Telegram and deliver messages to it."""
