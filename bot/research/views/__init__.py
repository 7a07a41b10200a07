"""Views of profiles, timelines and the overview: pure functions from results to messages."""
