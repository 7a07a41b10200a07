"""Lists of feeds."""

from __future__ import annotations

from collections.abc import Iterator

from index.ingest.feeds.opml import read_opml, write_opml
from tests.fixtures.sample_articles import PROJECT
from tests.fuzz.harness import NOW, evaluation_feeds, read_or_refuse

SEEDS = (
    (PROJECT / "config" / "feeds.example.opml").read_bytes(),
    b'<opml><body><outline text="A &amp; B"><outline xmlUrl="https://a.example/&eacute;"/></outline>',
)


def evaluation_seeds() -> Iterator[bytes]:
    """Yield seeds from the evaluation data."""
    return (feed for feed in evaluation_feeds() if b"outline" in feed)


def run(data: bytes) -> None:
    """Read a list of feeds, write it, and read it again."""
    feeds = read_or_refuse(lambda: read_opml(data))
    if feeds and feeds.outlines:
        written = write_opml(feeds.outlines, title="x", created_at=NOW)
        assert len(read_opml(written).outlines) == len(feeds.outlines)
