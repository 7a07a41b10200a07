"""robots.txt."""

from __future__ import annotations

from collections.abc import Iterator

from index.ingest.http.robots import MAX_CRAWL_DELAY_SECONDS, decode_robots, parse_robots

SEEDS = (
    b"User-agent: *\nDisallow: /private/*?x=1$\nCrawl-delay: 5\nSitemap: https://a.example/s.xml",
    b"User-agent: libya-briefing\nAllow: /\nRequest-rate: 1/10m\nVisit-time: 0600-0845",
)


def evaluation_seeds() -> Iterator[bytes]:
    """Yield seeds from the evaluation data: it has no robots.txt."""
    return iter(())


def run(data: bytes) -> None:
    """Parse a robots.txt, and ask it of two addresses."""
    policy = parse_robots(decode_robots(data))
    assert 0 <= policy.crawl_delay <= MAX_CRAWL_DELAY_SECONDS
    policy.can_fetch("https://noran.example/private/1?x=1")
    policy.can_fetch(f"https://noran.example/{data[:200].decode(errors='replace')}")
