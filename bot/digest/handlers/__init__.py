"""Handle the updates that concern the digest."""
