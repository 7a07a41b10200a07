"""The tables, as SQLAlchemy knows them; `migrations/` brings a database to this shape.

Ids are never handed out twice, so that whoever remembers one never meets another article under it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA_REVISION = "0010"
"""The newest migration; a test holds it to what `migrations/` says."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What is true of the whole archive: its `store_id`."""

articles = Table(
    "articles",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("title", Text),
    Column("headline", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("source", Text),
    Column("url", Text),
    Column("published", String(40), doc="as the source gave it, ISO 8601; null where unknown"),
    Column("published_on", String(10), index=True, doc="its day, where it has no time"),
    Column("published_at", String(27), index=True, doc="its instant in UTC, where it has a time"),
    Column("date_found", String(16), nullable=False),
    Column("language", String(40)),
    Column("author", Text),
    Column("only_summary", Boolean, nullable=False, default=False, doc="a feed's, not the whole"),
    Column("address", Text, index=True, doc="`url` as all links to it have it"),
    Column("added_at", String(27), nullable=False, doc="UTC"),
    Column("removed_at", String(27), doc="UTC; null while it is in the archive"),
    Column(
        "brought", String(64), nullable=False, doc="digest of the draft it was last loaded from"
    ),
    Column(
        "embedded_by", String(64), nullable=False, doc="fingerprint of the model of its vectors"
    ),
    Column("changed", Integer, nullable=False, doc="number of its last line in `changes`"),
    Index("ix_articles_live", "removed_at", "embedded_by"),
    sqlite_autoincrement=True,
)

# Offsets are code points into the article's text; numbers in blobs are little-endian.
passages = Table(
    "passages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "article_key",
        Integer,
        ForeignKey("articles.key", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("words", LargeBinary(16), nullable=False, index=True, doc="digest, words folded"),
    Column("vector", LargeBinary, nullable=False, doc="(d,) float16, unit length"),
    Column("sentences", LargeBinary, nullable=False, doc="(n, 2) int32: their starts and ends"),
    Column("sentence_vectors", LargeBinary, nullable=False, doc="(n, d) float16, unit length"),
    sqlite_autoincrement=True,
)


def _passage_id_column() -> Column[int]:
    """Return the key of a table that has at most one row for each passage, and goes with it."""
    return Column(
        "passage_id",
        Integer,
        ForeignKey("passages.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


second_vectors = Table(
    "second_vectors",
    metadata,
    _passage_id_column(),
    Column("model", String(64), nullable=False, doc="fingerprint of the encoder that made it"),
    Column("vector", LargeBinary, nullable=False, doc="(e,) float16, unit length"),
)
"""What the second encoder makes of each passage, read only where languages differ."""

words = Table(
    "words",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("word", Text, nullable=False, unique=True, doc="folded"),
    Column("stem", Text, nullable=False, index=True),
    sqlite_autoincrement=True,
)
"""Every word that ever stood in a passage, once."""

sounds = Table(
    "sounds",
    metadata,
    Column("sound", Text, primary_key=True),
    Column("word_id", Integer, ForeignKey("words.id"), primary_key=True),
    sqlite_with_rowid=False,
)
"""How a word may be heard: up to three keys each, in capitals for words in Arabic letters."""

terms = Table(
    "terms",
    metadata,
    _passage_id_column(),
    Column("words", LargeBinary, nullable=False, doc="(k,) int32: ids, in the order of the text"),
    Column(
        "counts",
        LargeBinary,
        nullable=False,
        doc="(1 + n,) int32: how many belong to what is embedded before it, and to each sentence",
    ),
)
"""The words of each passage, in few pages: whoever reads them all need not read the vectors."""

copy_bands = Table(
    "copy_bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "article_key",
        Integer,
        ForeignKey("articles.key", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    sqlite_with_rowid=False,
)
"""Numbers that alike texts have in common, some 44 of each article, by which copies are found."""

changes = Table(
    "changes",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("article_key", Integer, nullable=False),
    Column("kind", String(16), nullable=False, doc="what happened: added, replaced, edited, …"),
    Column("at", String(27), nullable=False, doc="UTC"),
    Column("quiet", Boolean, nullable=False, default=False, doc="it came, and is no news"),
    sqlite_autoincrement=True,
)
"""The append-only log that every cache and watcher follows by `seq`."""

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String(27), nullable=False, index=True, doc="UTC"),
    Column("by", Text, nullable=False, doc="who: «terminal», «telegram 12», …"),
    Column("what", String(16), nullable=False, doc="added, edited, removed, invited, …"),
    Column("about", Text, index=True, doc="the article's id, or the person's"),
    Column("before", Text, doc="JSON: what was changed, as it was"),
    Column("after", Text, doc="JSON: the same, as it became"),
    sqlite_autoincrement=True,
)
"""Every change that somebody made, written with the change itself."""
