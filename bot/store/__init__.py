"""What the bot keeps: people, updates and answers, in tables beside the archive's."""
