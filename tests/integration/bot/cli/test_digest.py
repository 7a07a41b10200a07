"""`briefing digest`: the stories of a window, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from tests.fixtures.cli_runner import Run, document
from tests.fixtures.story_events import ALL, BRIDGE

DAY = ("--since", "2026-02-03", "--until", "2026-02-03")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, models_folder: Path, loaded_once: None) -> Run:
    """Run a command over an archive that all of these tests share."""
    folder = tmp_path_factory.mktemp("digest")
    where = {"BRIEFING_DATA_DIR": str(folder / "archive"), "BRIEFING_MODEL_DIR": str(models_folder)}
    return lambda *words, **how: CliRunner(env=where).invoke(main, list(words), **how)


@pytest.fixture(scope="module")
def noran(tmp_path_factory: pytest.TempPathFactory, run: Run) -> None:
    lines = tmp_path_factory.mktemp("noran") / "noran.jsonl"
    lines.write_text("\n".join(json.dumps(each._asdict()) for each in ALL), "utf-8")
    assert run("import", str(lines)).exit_code == 0


@pytest.fixture(scope="module")
def digest(run: Run, noran: None) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document(run("digest", *DAY, "--language", "ar", "--json"))
    return found


def test_a_digest_has_its_window_and_its_stories_with_quotes_as_answers_have_them(
    digest: Mapping[str, Any],
) -> None:
    assert (digest["since"], digest["until"]) == ("2026-02-03", "2026-02-03")
    first = digest["stories"][0]
    assert set(first["article_ids"]) == {each.id for each in BRIDGE}
    assert first["headline"] == BRIDGE[0].title
    assert first["published"] == "2026-02-03T12:30:00+02:00"
    assert set(first["sources"]) == {each.source for each in BRIDGE}
    texts = {each.id: each.text for each in ALL}
    for quote in first["quotes"]:
        text = texts[quote["article"]["id"]]
        assert text[quote["start"] : quote["end"]] == quote["text"]
        assert quote["article"]["source"]
        assert quote["article"]["published"]
    assert first["why"]["independent_sources"] == 3


def test_no_article_is_in_two_stories(digest: Mapping[str, Any]) -> None:
    ids = [each for story in digest["stories"] for each in story["article_ids"]]
    assert len(ids) == len(set(ids)) == 6


def test_a_limit_keeps_the_first_stories(run: Run, digest: Mapping[str, Any]) -> None:
    some = document(run("digest", *DAY, "--language", "ar", "--limit", "1", "--json"))
    assert some["stories"] == digest["stories"][:1]


def test_people_read_headline_counts_quotes_with_source_and_date_and_why(
    run: Run, noran: None
) -> None:
    said = run("digest", *DAY, "--language", "en", "--why").stdout
    assert "   3 February 2026 · articles: 3 · independent sources: 3" in said
    assert "صحيفة نوران" in said
    assert "3 February 2026" in said
    assert "Score " in said
    assert "continued" not in said
    assert "continued" in run("digest", "--since", "2026-02-04", "--language", "en").stdout


def test_days_without_news_are_said_with_what_the_archive_has(run: Run, noran: None) -> None:
    empty = run("digest", "--since", "2031-01-01", "--until", "2031-01-02", "--language", "en")
    assert empty.exit_code == 0
    assert empty.stdout.startswith("Nothing in the archive was published from")
    assert "4 February 2026" in empty.stdout
    assert document(run("digest", "--since", "2031-01-01", "--json"))["stories"] == []


def test_without_days_it_is_of_yesterday_and_today(run: Run) -> None:
    digest = document(run("digest", "--json"))
    assert digest["since"] < digest["until"]
    assert digest["stories"] == []


def test_a_window_that_is_turned_round_is_refused(run: Run) -> None:
    assert run("digest", "--since", "2026-02-04", "--until", "2026-02-03").exit_code == 2
