"""What is stored about a person: told by /privacy, erased by /forgetme."""
