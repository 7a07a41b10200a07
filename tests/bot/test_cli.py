from __future__ import annotations

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from tests.town import PORT, PROJECT, RAIN, SCHOOL, SEED

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command over an archive of its own, from an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRIEFING_DATA_DIR", str(tmp_path / "archive"))
    monkeypatch.setenv("BRIEFING_MODEL_DIR", str(models_folder))
    return lambda *words, **how: CliRunner().invoke(main, list(words), **how)


def document(result: Result) -> Any:
    """Return the one JSON document on stdout; anything else there is an error."""
    return json.loads(result.stdout)


@pytest.fixture
def town(tmp_path: Path, run: Run) -> Path:
    """Three articles in the archive, imported from a file."""
    lines = [
        {
            "id": "port",
            "title": "الميناء يعود",
            "text": PORT,
            "source": "صحيفة نوران",
            "url": "https://noran.example/port",
            "published": "2026-01-10",
            "language": "ar",
        },
        {"id": "school", "title": None, "text": SCHOOL, "published": "2026-01-20T08:30:00+02:00"},
        {"text": RAIN, "title": "", "source": "", "url": "", "published": "", "language": ""},
    ]
    path = tmp_path / "town.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    assert run("import", str(path)).exit_code == 0
    return path


def test_ask_prints_the_contracts_document(run: Run, town: Path) -> None:
    found = document(run("ask", "متى يعود الميناء إلى العمل؟", "--json"))
    assert set(found) == {"question", "answered", "window", "quotes"}
    assert (found["answered"], found["window"]) == (True, None)
    quote = found["quotes"][0]
    assert set(quote) == {"text", "start", "end", "highlight", "score", "article", "also"}
    assert quote["article"] == {
        "id": "port",
        "title": "الميناء يعود",
        "source": "صحيفة نوران",
        "url": "https://noran.example/port",
        "published": "2026-01-10",
        "language": "ar",
    }
    assert PORT[quote["start"] : quote["end"]] == quote["text"]
    assert "يوم الأحد" in quote["text"][slice(*quote["highlight"])]


def test_ask_in_a_window_names_it_and_offers_what_is_nearest_outside(run: Run, town: Path) -> None:
    inside = document(
        run("ask", "Noran", "--since", "2026-01-20", "--until", "2026-01-20", "--json")
    )
    assert inside["window"] == {"since": "2026-01-20", "until": "2026-01-20"}
    assert [quote["article"]["id"] for quote in inside["quotes"]] == ["school"]
    outside = document(run("ask", "Noran", "--since", "2027-01-01", "--json"))
    assert (outside["answered"], outside["quotes"]) == (False, [])
    assert outside["window"] == {"since": "2027-01-01", "until": None}
    assert outside["nearest"]


def test_ask_for_people_shows_source_date_link_and_passage(run: Run, town: Path) -> None:
    told = run("ask", "when will the port reopen?").stdout
    for part in ("صحيفة نوران", "10 يناير 2026", "2026-01-10", "https://noran.example/port"):
        assert part in told
    assert "يوم الأحد" in told


def test_limit_says_how_many_quotes_there_are_at_most(run: Run, town: Path) -> None:
    assert len(document(run("ask", "Noran", "--limit", "1", "--json"))["quotes"]) == 1
    assert run("ask", "Noran", "--limit", "0").exit_code == 2


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("", "empty"),
        ("x", "one character"),
        ("x" * 5000, "5,000"),
        ("😀", "no words"),
        ("\x07", "no words"),
    ],
)
def test_what_is_no_question_ends_with_2_and_one_line(run: Run, question: str, word: str) -> None:
    result = run("ask", question, "--json")
    assert result.exit_code == 2
    assert word in document(result)["error"]
    assert result.stderr.count("\n") == 1


def test_an_empty_archive_abstains_with_success(run: Run) -> None:
    result = run("ask", "who met in Paris?", "--json")
    assert result.exit_code == 0
    assert document(result)["answered"] is False
    assert "empty" in run("ask", "who met in Paris?").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("--since", "soon"),
        ("--since", "2026-02-30"),
        ("--since", "0001-01-01"),
        ("--since", "2026-02-02", "--until", "2026-02-01"),
    ],
)
def test_a_bad_window_ends_with_2(run: Run, words: tuple[str, ...]) -> None:
    assert run("ask", "who met in Paris?", *words).exit_code == 2


def test_import_counts_names_bad_lines_and_keeps_the_rest(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl.gz"
    good = json.dumps({"id": "port", "text": PORT})
    path.write_bytes(gzip.compress(f'{good}\nnot json\n\n{{"id": "x"}}\n[]\n'.encode()))
    result = run("import", str(path), "--json")
    counts = document(result)
    refused = counts.pop("refused_lines")
    assert counts == {"added": 1, "unchanged": 0, "replaced": 0, "refused": 3}
    assert [each["line"] for each in refused] == [2, 4, 5]
    assert "text" in refused[1]["reason"]
    assert "line 2 refused: is not JSON" in result.stderr
    again = document(run("import", str(path), "--json"))
    assert (again["added"], again["unchanged"]) == (0, 1)


def test_an_imported_line_with_new_words_replaces_its_article(run: Run, town: Path) -> None:
    town.write_text(json.dumps({"id": "port", "text": RAIN}), "utf-8")
    assert document(run("import", str(town), "--json"))["replaced"] == 1
    assert document(run("articles", "show", "port", "--json"))["text"] == RAIN


def test_a_missing_import_file_ends_with_2(run: Run) -> None:
    result = run("import", "nowhere.jsonl")
    assert result.exit_code == 2
    assert "nowhere.jsonl" in result.stderr


def test_add_reads_a_file_and_standard_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "port.txt").write_text(PORT, "utf-8")
    first = document(
        run("add", "port.txt", "--source", "صحيفة نوران", "--published", "2026-01-10", "--json")
    )["added"][0]
    assert (first["outcome"], first["source"], first["published"]) == (
        "added",
        "صحيفة نوران",
        "2026-01-10",
    )
    assert run("add", "-", input=SCHOOL).exit_code == 0
    assert document(run("ask", "how many pupils?", "--json"))["quotes"][0]["text"] in SCHOOL


def test_the_seed_is_understood_without_being_told(run: Run) -> None:
    added = document(run("add", str(SEED), "--json"))["added"][0]
    assert added["source"] == "اخبار العرب - كندا 24"
    assert added["published"] == "2026-02-04T12:51:00"
    assert added["title"] is None
    assert added["date_found"] == "byline"
    told = run("ask", "who met in Paris?").stdout
    assert "4 فبراير 2026" in told


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not"),
        (b"\xc7\xe1\xe3\xed\xe4\xc7\xc1", "UTF-8"),
        (b"text " * 4_000_000, "20.0 MB"),
    ],
)
def test_a_bad_file_is_refused_and_the_archive_stays_as_it_was(
    run: Run, tmp_path: Path, content: bytes, word: str
) -> None:
    (tmp_path / "bad.txt").write_bytes(content)
    result = run("add", "bad.txt")
    assert result.exit_code == 2
    assert "bad.txt" in result.stderr
    assert word in result.stderr
    assert document(run("articles", "list", "--json")) == {"articles": []}


def test_one_bad_file_is_named_and_the_others_are_added(run: Run, tmp_path: Path) -> None:
    (tmp_path / "port.txt").write_text(PORT, "utf-8")
    (tmp_path / "rain.txt").write_text(RAIN, "utf-8")
    result = run("add", "port.txt", "nowhere.txt", "rain.txt", "--json")
    assert result.exit_code == 2
    assert [each["from"] for each in document(result)["added"]] == ["port.txt", "rain.txt"]
    assert [each["from"] for each in document(result)["refused"]] == ["nowhere.txt"]
    assert "nowhere.txt" in result.stderr


def test_a_seed_added_by_hand_is_the_seed_that_was_loaded(run: Run) -> None:
    run("start", "--question", "who met in Paris?")
    assert document(run("add", str(SEED), "--json"))["added"][0]["outcome"] == "unchanged"


def test_a_line_without_an_id_is_the_same_however_its_absent_fields_are_written(
    run: Run, tmp_path: Path
) -> None:
    lines = [{"text": PORT}, {"text": PORT, "title": None}, {"text": PORT, "title": "", "url": " "}]
    path = tmp_path / "same.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    counts = document(run("import", str(path), "--json"))
    assert (counts["added"], counts["unchanged"]) == (1, 2)


def test_a_byline_with_an_impossible_year_gives_no_date(run: Run, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text(f"صدى النور: الأحد 4 فبراير 0026 12:51 {PORT}", "utf-8")
    assert document(run("add", "old.txt", "--json"))["added"][0]["published"] is None
    assert run("articles", "list").exit_code == 0


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("2026-01-02T15:00", "2026-01-02T10:00", 2),
        ("2026-01-02T00:30+04:00", "2026-01-01T23:00+00:00", 0),
        ("20260110", "20260110", 0),
    ],
)
def test_the_ends_of_a_window_are_compared_as_instants(
    run: Run, town: Path, first: str, last: str, code: int
) -> None:
    result = run("ask", "متى يعود الميناء؟", "--since", first, "--until", last, "--json")
    assert result.exit_code == code
    if first == last:
        assert document(result)["quotes"][0]["article"]["id"] == "port"


@pytest.mark.parametrize(
    "words", [("articles", "show", "\udcff"), ("articles", "list", "--offset", "9" * 30)]
)
def test_what_no_database_can_look_up_ends_with_2(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\x00\xff\x01binary", '{"text": "x y"}'.encode("utf-16")]
)
def test_a_file_without_any_article_is_told_and_ends_with_2(
    run: Run, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "lines.jsonl").write_bytes(content)
    result = run("import", "lines.jsonl", "--json")
    assert result.exit_code == 2
    assert document(result)["added"] == 0
    assert "holds no article" in result.stderr


def test_a_second_line_with_the_id_of_another_is_refused_and_the_same_file_changes_nothing(
    run: Run, tmp_path: Path
) -> None:
    lines = [{"id": "a", "text": PORT}, {"id": "a", "text": RAIN}, {"id": "a  b", "text": RAIN}]
    lines.append({"id": "a b", "text": SCHOOL})
    (tmp_path / "lines.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    first = document(run("import", "lines.jsonl", "--json"))
    assert (first["added"], first["refused_lines"][0]["line"]) == (3, 2)
    again = document(run("import", "lines.jsonl", "--json"))
    assert (again["unchanged"], again["replaced"], again["refused"]) == (3, 0, 1)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE articles SET added_at = 'zzz'",
        "UPDATE articles SET published = '2026-99-99'",
        "UPDATE passages SET sentence_vectors = x'0011'",
        "UPDATE passages SET sentences = x'00'",
        "DROP TABLE passages",
    ],
)
def test_a_damaged_row_is_told_on_one_line_with_a_remedy(
    run: Run, town: Path, tmp_path: Path, damage: str
) -> None:
    database = sqlite3.connect(tmp_path / "archive" / "archive.sqlite3", isolation_level=None)
    database.execute(damage)
    database.close()
    result = run("ask", "متى يعود الميناء؟")
    assert result.exit_code == 1
    assert "damaged" in result.stderr
    assert "backup" in result.stderr
    assert "Traceback" not in result.output


def test_a_listed_id_can_be_copied_as_it_stands(run: Run, town: Path) -> None:
    first = run("articles", "list").stdout.split()[0]
    assert run("articles", "show", first).exit_code == 0


def test_an_output_that_takes_no_more_is_told_without_a_traceback(
    run: Run, town: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "bot", "articles", "list"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=PROJECT, env=os.environ, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_link_is_refused_with_what_to_do_instead(run: Run) -> None:
    result = run("add", "https://noran.example/port")
    assert result.exit_code == 2
    assert "--url" in result.stderr


def test_articles_are_listed_shown_edited_removed_and_restored(run: Run, town: Path) -> None:
    listed = document(run("articles", "list", "--json"))["articles"]
    assert [each["id"] for each in listed][:2] == ["school", "port"]
    since = document(run("articles", "list", "--since", "2026-01-20", "--json"))["articles"]
    assert [each["id"] for each in since] == ["school"]
    edited = document(run("articles", "edit", "port", "--published", "2026-01-11", "--json"))
    assert (edited["published"], edited["date_found"]) == ("2026-01-11", "editor")
    assert run("articles", "edit", "port").exit_code == 2
    (town.parent / "new.txt").write_text(RAIN, "utf-8")
    run("articles", "edit", "port", "--text-file", "new.txt", "--title", "")
    shown = document(run("articles", "show", "port", "--json"))
    assert (shown["text"], shown["title"]) == (RAIN, None)
    assert document(run("articles", "remove", "port", "--json"))["outcome"] == "removed"
    assert run("articles", "show", "port").exit_code == 2
    assert "port" in run("articles", "list", "--removed").stdout
    assert run("articles", "restore", "port").exit_code == 0
    assert RAIN in run("articles", "show", "port").stdout


def test_eval_prints_the_contracts_figures(run: Run, town: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text(
        "\n".join(
            json.dumps(each)
            for each in (
                {
                    "question": "متى يعود الميناء إلى العمل؟",
                    "article_id": "port",
                    "answer": "يوم الأحد",
                },
                {"question": "How many pupils enrolled?", "article_id": "school"},
                {"question": "Who won the chess final?", "article_id": None},
            )
        ),
        "utf-8",
    )
    result = run("eval", "--articles", str(town), "--questions", str(questions), "--json")
    report = document(result)
    assert list(report) == [
        "n",
        "recall@1",
        "recall@5",
        "mrr@10",
        "ndcg@10",
        "answer@1",
        "answer@3",
        "highlight@1",
        "abstained",
        "false_abstained",
        "auroc",
        "ask_ms",
        "index_passages_per_s",
        "passages",
    ]
    assert (report["n"], report["recall@1"], report["answer@1"], report["auroc"]) == (2, 1, 1, 1)
    assert report["ask_ms"]["p50"] > 0
    assert "recall@1" in run("eval", "--articles", str(town), "--questions", str(questions)).stdout


def test_eval_refuses_a_question_about_an_article_that_is_not_there(
    run: Run, town: Path, tmp_path: Path
) -> None:
    (tmp_path / "q.jsonl").write_text('{"question": "x y", "article_id": "gone"}')
    result = run("eval", "--articles", str(town), "--questions", "q.jsonl")
    assert result.exit_code == 2
    assert "gone" in result.stderr


def test_reembed_says_how_many_articles_it_embedded(run: Run, town: Path) -> None:
    assert document(run("reembed", "--json")) == {"reembedded": 0}


def test_start_loads_the_seeds_once_and_answers(run: Run) -> None:
    first = run("start", "--question", "who met in Paris?")
    assert first.exit_code == 0
    assert "added" in first.stderr
    assert "4 فبراير 2026" in first.stdout
    assert "added" not in run("start", "--question", "who met in Paris?").stderr


def test_a_removed_seed_is_not_loaded_again(run: Run) -> None:
    run("start", "--question", "who met in Paris?")
    (seed,) = document(run("articles", "list", "--json"))["articles"]
    run("articles", "remove", seed["id"])
    run("start", "--question", "who met in Paris?")
    assert document(run("articles", "list", "--json")) == {"articles": []}


def test_chat_answers_each_line_and_explains_what_it_cannot_take(run: Run, town: Path) -> None:
    told = run(
        "chat", input="when will the port reopen?\n/help\n😀\n\nQuels ponts ?\n/quit\nnever\n"
    )
    assert told.exit_code == 0
    assert "يوم الأحد" in told.stdout
    assert "كل اقتباس منقول حرفياً" in told.stdout
    assert "رموزاً فقط" in told.stdout
    assert "deux ponts" in told.stdout
    assert "never" not in told.stdout


def test_chat_ends_with_its_input(run: Run) -> None:
    assert run("chat", input="").exit_code == 0


def test_start_with_a_telegram_token_says_that_the_bot_is_here(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIEFING_TELEGRAM_TOKEN", "123:secret")
    result = run("start", input="/quit\n")
    assert result.exit_code == 0
    assert "Telegram is not part of this version" in result.stderr
    assert "secret" not in result.output


@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("BRIEFING_TIME_ZONE", "Atlantis/Noran", "time zone"),
        ("BRIEFING_EMBEDDING_THREADS", "many", "embedding.threads"),
        ("BRIEFING_DATADIR", "x", "BRIEFING_DATA_DIR"),
        ("BRIEFING_CONFIG_DIR", "/nowhere", "/nowhere/settings.toml"),
    ],
)
def test_a_wrong_setting_ends_with_2_and_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, word: str
) -> None:
    monkeypatch.setenv(variable, value)
    result = run("ask", "who met in Paris?")
    assert result.exit_code == 2
    assert word in result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output


def test_a_damaged_database_ends_with_1_and_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "archive.sqlite3").write_bytes(b"nonsense " * 1000)
    result = run("articles", "list")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "backup" in result.stderr
