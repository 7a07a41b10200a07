"""Answer readers' questions: handlers, callback data and views."""
