"""A real process that loads articles is killed at random instants; each article is in or out."""

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
from tests.fixtures.town import PORT, PROJECT, RAIN, SCHOOL, OpenArchive

pytestmark = pytest.mark.usefixtures("unmeasured")

ARTICLES = 40


def lines(folder: Path) -> Path:
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


def whole(archive: Archive, text: str, article_id: str) -> bool:
    """Every passage of the article, with every sentence, is there to be found."""
    record = archive._store.find_record(article_id)
    assert record is not None
    fingerprint = archive.embedder.fingerprint
    ids, _, vectors = archive._store.passage_vectors(fingerprint, [record.key])
    with archive._store.snapshot() as moment:
        candidates = moment.candidates(fingerprint, ids.tolist())
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

def announced(name, method):
    def told(self, *words, **how):
        print(name, flush=True)
        return method(self, *words, **how)
    return told

Archive.add = announced("add", Archive.add)
ArticleStore._write_passages = announced("write", ArticleStore._write_passages)
ArticleStore._record_change = announced("change", ArticleStore._record_change)
main(["import", sys.argv[1]])
"""
"""Says when it begins an article, its passages, and, inside the same transaction, its change."""


def kill_at_random_instants(times: int, folder: Path, open_archive: OpenArchive, seed: int) -> None:
    path = lines(folder)
    records = map(json.loads, path.read_text("utf-8").split("\n"))
    texts = {record["id"]: record["text"] for record in records}
    chance = random.Random(seed)
    inside = 0
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
        # The instant: after some step of the load, at once or a spin of chance into the next step.
        for _ in range(chance.randrange(1, 3 * ARTICLES - 8)):
            step = process.stdout.readline()
        for _ in range(chance.choice((0, 0, chance.randrange(500_000)))):
            pass
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate(timeout=60)
        archive = open_archive(f"archive-{number}")
        there = archive.articles()
        assert all(whole(archive, texts[article.id], article.id) for article in there)
        assert len(there) < ARTICLES
        inside += (step + rest).split()[-1] in ("write", "change")
        archive.close()
    assert inside, "no kill fell where an article was being written"
    subprocess.run(
        [sys.executable, "-m", "bot", "import", str(path)],
        cwd=PROJECT,
        env=environment,
        check=True,
        capture_output=True,
        timeout=300,
    )
    archive = open_archive(f"archive-{times - 1}")
    assert {article.id for article in archive.articles()} == set(texts)
    assert all(whole(archive, text, article_id) for article_id, text in texts.items())
    assert archive.ask("متى يعود الميناء إلى العمل؟").answered


def test_a_load_killed_five_times_leaves_each_article_wholly_in_or_out(
    tmp_path: Path, open_archive: OpenArchive
) -> None:
    kill_at_random_instants(5, tmp_path, open_archive, seed=10)


@pytest.mark.soak
def test_a_load_killed_fifty_times_leaves_each_article_wholly_in_or_out(
    tmp_path: Path, open_archive: OpenArchive
) -> None:
    kill_at_random_instants(50, tmp_path, open_archive, seed=50)
