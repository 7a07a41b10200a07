"""Store feeds, their items, the sites they are on and what awaits approval."""
