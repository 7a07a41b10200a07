"""Fetch pages within limits of address, size, time and robots.txt."""
