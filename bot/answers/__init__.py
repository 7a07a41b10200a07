"""Answers to readers' questions: handlers, callback data and views."""
