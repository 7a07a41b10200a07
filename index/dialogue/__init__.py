"""What is said to the bot besides questions, and questions that lean on earlier ones."""
