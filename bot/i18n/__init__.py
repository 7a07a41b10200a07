"""The messages of the bot in Arabic, English and French."""
