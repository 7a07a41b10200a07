"""What it costs to recognise one article among many: part of bench/duplicates/recall.py.

The archive holds real articles and, beyond these, some made of the sentences of two in turn. Only
what the search for copies reads is filled: articles, a passage each without a vector, and bands.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from bench.duplicates import text_edits
from bench.scale.build_archive import news
from bot.settings import load_boilerplate, load_settings
from index.archive import Archive
from index.dedup.near_duplicates import minhash_signature
from index.embeddings.embedder import load_embedder
from index.models import Draft
from index.passage_embedding import embed_story
from index.storage import lsh_bands, row_mapping
from index.storage.database import Database
from index.storage.schema import articles, passages
from index.text.boilerplate import find_story_body
from index.text.number_words import words_and_numbers

_AT_ONCE = 2_000
_DRAFTS = 100
_FLOOD = 2_000
"""So many bulletins of one series are in the archive as well."""


def measure_scale(data: Path, scale: int) -> None:
    settings = load_settings()
    rules = load_boilerplate(settings.config_dir)
    embedder = load_embedder(settings.embedding.model, settings.model_dir)
    chance = random.Random(11)
    series = [text_edits.bulletin(chance) for _ in range(_FLOOD)]
    flood = [Draft(id=f"bulletin:{number}", text=text) for number, text in enumerate(series)]
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder))
        drafts = [*islice(news(data), scale - len(flood)), *flood]
        chance.shuffle(drafts)
        seconds = _filled(database, drafts)
        size = database.path.stat().st_size
        database.close()
        print(
            f"{len(drafts):,} articles: signed and stored in {seconds:.0f} s, {size / 1e6:.0f} MB"
        )
        with Archive(
            Path(folder), lambda: embedder, zone=settings.zone, boilerplate=rules
        ) as archive:

            def embed(draft: Draft) -> None:
                embed_story(draft, find_story_body(draft.text, rules), embedder)

            real = [draft for draft in drafts if draft.title]
            for name, texts in (
                ("whole texts", [draft.text for draft in chance.sample(real, _DRAFTS)]),
                ("first lines", [_first(draft.text) for draft in chance.sample(real, _DRAFTS)]),
                ("a bulletin in a flood", chance.sample(series, _DRAFTS)),
            ):
                added = [
                    Draft(id=f"new:{number}", text=text_edits.urgent(text, chance))
                    for number, text in enumerate(texts)
                ]
                archive.find_duplicates(added[0])
                _report(name, archive.find_duplicates, embed, added)


def _first(text: str) -> str:
    return text.split("\n", 1)[0].split(". ", 1)[0]


def _report(
    name: str,
    recognise: Callable[[Draft], object],
    embed: Callable[[Draft], object],
    drafts: list[Draft],
) -> None:
    recognising = list(_seconds(recognise, drafts))
    embedding = list(_seconds(embed, drafts))
    shares = [one / other for one, other in zip(recognising, embedding, strict=True)]
    found, made = (1000 * statistics.median(times) for times in (recognising, embedding))
    print(f"  {name:22} recognised in {found:6.1f} ms, embedded in {made:6.1f} ms (medians)")
    print(
        f"  {'':22} ratio {sum(recognising) / sum(embedding):.3f} in all, "
        f"{statistics.median(shares):.3f} median, {max(shares):.3f} at most"
    )


def _seconds(act: Callable[[Draft], object], drafts: list[Draft]) -> Iterator[float]:
    for draft in drafts:
        started = time.perf_counter()
        act(draft)
        yield time.perf_counter() - started


def _filled(database: Database, drafts: list[Draft]) -> float:
    """Fill the database; return how long signing took, with storing the signatures."""
    zone = load_settings().zone
    signing = 0.0
    for first in range(0, len(drafts), _AT_ONCE):
        chunk = list(enumerate(drafts[first : first + _AT_ONCE], first + 1))
        with database.write_transaction() as connection:
            connection.execute(
                insert(articles), [_article_row(key, draft, zone) for key, draft in chunk]
            )
            connection.execute(insert(passages), [_passage_row(key, draft) for key, draft in chunk])
            started = time.perf_counter()
            signed = {key: minhash_signature(words_and_numbers(draft.text)) for key, draft in chunk}
            lsh_bands.add(connection, signed)
            signing += time.perf_counter() - started
    return signing


def _article_row(key: int, draft: Draft, zone: ZoneInfo) -> dict[str, object]:
    row = row_mapping.article_row(draft, zone)
    return row | {
        "key": key,
        "headline": draft.title or draft.id,
        "brought": "",
        "embedded_by": "",
        "added_at": "2026-01-01T00:00:00.000000Z",
        "changed": 0,
    }


def _passage_row(key: int, draft: Draft) -> dict[str, object]:
    return {
        "article_key": key,
        "start": 0,
        "end": len(draft.text),
        "words": b"",
        "vector": b"",
        "sentences": b"",
        "sentence_vectors": b"",
    }
