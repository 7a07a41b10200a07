"""The bot: people, screens and the command line. It enters the archive by `index.archive`."""
