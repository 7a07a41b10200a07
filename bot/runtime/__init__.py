"""Run the process: database writer, background tasks."""
