"""Commands that manage, import, export and poll feeds."""
