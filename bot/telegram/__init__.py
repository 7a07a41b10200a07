"""The bot in Telegram: updates in, messages out, and nothing lost between."""
