"""Kill a process that imports articles at random instants: each article is stored whole or not."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from index.archive import Archive
from tests.fixtures.sample_articles import PORT, PROJECT, RAIN, SCHOOL, OpenArchive

pytestmark = pytest.mark.usefixtures("unmeasured")

ARTICLES = 16


def write_articles(folder: Path) -> Path:
    path = folder / "articles.jsonl"
    texts = [
        "\n".join(
            f"{part} ({number}.{part_number})"
            for part_number, part in enumerate((PORT, SCHOOL, RAIN) * 2)
        )
        for number in range(ARTICLES)
    ]
    path.write_text(
        "\n".join(json.dumps({"id": f"a{n}", "text": text}) for n, text in enumerate(texts)),
        "utf-8",
    )
    return path


def is_complete(archive: Archive, text: str, article_id: str) -> bool:
    """Return whether all passages and sentences of the article are stored with vectors."""
    record = archive._store.find_record(article_id)
    assert record is not None
    fingerprint = archive.embedder.fingerprint
    ids, _, vectors = archive._store.passage_vectors(fingerprint, [record.key])
    with archive._store.snapshot() as snapshot:
        candidates = snapshot.candidates(fingerprint, ids.tolist())
    covered = sum(
        len(text[sentence.start : sentence.end].split())
        for candidate in candidates.values()
        for sentence in candidate.passage.sentences
    )
    return (
        record.article.text == text
        and covered == len(text.split())
        and all(
            len(candidate.sentence_vectors) == len(candidate.passage.sentences)
            for candidate in candidates.values()
        )
        and vectors.shape == (len(ids), 384)
    )


LOADER = """
import sys
from bot.cli.main import main
from index.archive import Archive
from index.storage.article_store import ArticleStore

def announce(name, method):
    def wrapper(self, *args, **kwargs):
        print(name, flush=True)
        return method(self, *args, **kwargs)
    return wrapper

Archive.add = announce("add", Archive.add)
ArticleStore._write_passages = announce("write", ArticleStore._write_passages)
ArticleStore._record_change = announce("change", ArticleStore._record_change)
main(["import", sys.argv[1]])
"""
"""Prints a line before it adds an article, writes its passages, and records its change; the last
two are in one transaction."""


def kill_at_random_instants(times: int, folder: Path, open_archive: OpenArchive, seed: int) -> None:
    path = write_articles(folder)
    records = map(json.loads, path.read_text("utf-8").split("\n"))
    texts = {record["id"]: record["text"] for record in records}
    rng = random.Random(seed)
    kills_during_writes = 0
    for number in range(times):
        environment = {**os.environ, "BRIEFING_DATA_DIR": str(folder / f"archive-{number}")}
        process = subprocess.Popen(
            [sys.executable, "-c", LOADER, str(path)],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        # Kill after a random step of the import, at once or after a random busy wait.
        for _ in range(rng.randrange(1, 3 * ARTICLES - 8)):
            step = process.stdout.readline()
        for _ in range(rng.choice((0, 0, rng.randrange(500_000)))):
            pass
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate(timeout=300)
        archive = open_archive(f"archive-{number}")
        stored = archive.articles()
        assert all(is_complete(archive, texts[article.id], article.id) for article in stored)
        assert len(stored) < ARTICLES
        kills_during_writes += (step + rest).split()[-1] in ("write", "change")
        archive.close()
    assert kills_during_writes, "no kill happened while an article was being written"
    subprocess.run(
        [sys.executable, "-m", "bot", "import", str(path)],
        cwd=PROJECT,
        env=environment,
        check=True,
        capture_output=True,
        timeout=600,
    )
    archive = open_archive(f"archive-{times - 1}")
    assert {article.id for article in archive.articles()} == set(texts)
    assert all(is_complete(archive, text, article_id) for article_id, text in texts.items())
    assert archive.ask("متى يعود الميناء إلى العمل؟").answered


def test_an_import_killed_three_times_stores_each_article_whole_or_not_at_all(
    tmp_path: Path, open_archive: OpenArchive
) -> None:
    kill_at_random_instants(3, tmp_path, open_archive, seed=10)


@pytest.mark.soak
def test_an_import_killed_fifty_times_stores_each_article_whole_or_not_at_all(
    tmp_path: Path, open_archive: OpenArchive
) -> None:
    kill_at_random_instants(50, tmp_path, open_archive, seed=50)
