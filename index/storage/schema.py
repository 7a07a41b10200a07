"""The tables of the archive for SQLAlchemy; `migrations/` brings a database to this schema.

Ids are never reused (AUTOINCREMENT): a remembered id never refers to another article. All tables,
those of `bot/` too, are described in `docs/data-model.md`.
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

SCHEMA_REVISION = "0015"
"""The newest migration; a test compares it with `migrations/`."""

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
"""Properties of the whole archive: its `store_id`."""

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
    Column("published", String(40), doc="as the source gives it, ISO 8601; null if unknown"),
    Column("published_on", String(10), index=True, doc="the day, if it has no time"),
    Column("published_at", String(27), index=True, doc="the instant in UTC, if it has a time"),
    Column("date_found", String(16), nullable=False),
    Column("language", String(40)),
    Column("author", Text),
    Column("only_summary", Boolean, nullable=False, default=False, doc="a feed's summary"),
    Column("address", Text, index=True, doc="canonical form of `url`"),
    Column("added_at", String(27), nullable=False, doc="UTC"),
    Column("removed_at", String(27), doc="UTC; null while the article is live"),
    Column("brought", String(64), nullable=False, doc="digest of the draft that was last loaded"),
    Column("embedded_by", String(64), nullable=False, doc="fingerprint of the embedding model"),
    Column("changed", Integer, nullable=False, doc="`seq` of its last change"),
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
    Column("words", LargeBinary(16), nullable=False, index=True, doc="digest of the folded words"),
    Column("vector", LargeBinary, nullable=False, doc="(d,) float16, unit length"),
    Column("sentences", LargeBinary, nullable=False, doc="(n, 2) int32: starts and ends"),
    Column("sentence_vectors", LargeBinary, nullable=False, doc="(n, d) float16, unit length"),
    sqlite_autoincrement=True,
)


def _passage_id_column() -> Column[int]:
    """Return the primary key of a table with at most one row per passage, deleted with it."""
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
    Column("model", String(64), nullable=False, doc="fingerprint of the encoder"),
    Column("vector", LargeBinary, nullable=False, doc="(e,) float16, unit length"),
)
"""The cross-lingual encoder's vector of each passage, read only if languages differ."""

token_vectors = Table(
    "token_vectors",
    metadata,
    _passage_id_column(),
    Column("model", String(64), nullable=False, doc="fingerprint of model and token projection"),
    Column("vectors", LargeBinary, nullable=False, doc="(t, k / 2) uint8: two values of 4 bits"),
    Column("spans", LargeBinary, nullable=False, doc="(t, 2) uint16: from the passage's start on"),
)
"""The vectors of each passage's tokens, read only for the candidates that ranking looks at."""

words = Table(
    "words",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("word", Text, nullable=False, unique=True, doc="folded"),
    Column("stem", Text, nullable=False, index=True),
    sqlite_autoincrement=True,
)
"""Every word that ever occurred in a passage, once."""

sounds = Table(
    "sounds",
    metadata,
    Column("sound", Text, primary_key=True),
    Column("word_id", Integer, ForeignKey("words.id"), primary_key=True),
    sqlite_with_rowid=False,
)
"""Up to three phonetic keys per word, in capitals for words in Arabic letters."""

terms = Table(
    "terms",
    metadata,
    _passage_id_column(),
    Column("words", LargeBinary, nullable=False, doc="(k,) int32: word ids in text order"),
    Column(
        "counts",
        LargeBinary,
        nullable=False,
        doc="(1 + n,) int32: how many belong to the embedded context, and to each sentence",
    ),
)
"""The word ids of each passage, apart from the vectors so that reading all takes few pages."""

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
"""LSH bands of the articles' MinHash signatures, some 44 per article, to find duplicates."""

changes = Table(
    "changes",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("article_key", Integer, nullable=False),
    Column("kind", String(16), nullable=False, doc="added, replaced, restored, edited, …"),
    Column("at", String(27), nullable=False, doc="UTC"),
    Column("quiet", Boolean, nullable=False, default=False, doc="added, but no news"),
    sqlite_autoincrement=True,
)
"""The append-only change log that every cache and alert worker follows by `seq`."""

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String(27), nullable=False, index=True, doc="UTC"),
    Column("by", Text, nullable=False, doc="the actor: «terminal», «telegram 12», …"),
    Column("what", String(16), nullable=False, doc="the action: added, edited, invited, …"),
    Column("about", Text, index=True, doc="the id of the article, person or feed"),
    Column("before", Text, doc="JSON: old values of the changed fields"),
    Column("after", Text, doc="JSON: their new values"),
    sqlite_autoincrement=True,
)
"""The audit log; an entry is written in the transaction of its change."""
