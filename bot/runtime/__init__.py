"""The runtime of the bot's process: threads, database writer, background tasks, signals."""
