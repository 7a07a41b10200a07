from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.telegram.server import Double
from tests.fixtures.cli_runner import Run, document
from tests.fixtures.sample_articles import PORT, PROJECT


def test_ask_prints_the_contracts_document(run: Run, town: Path) -> None:
    found = document(run("ask", "متى يعود الميناء إلى العمل؟", "--json"))
    assert set(found) == {
        *("question", "intent", "corrected", "after"),
        *("answered", "confidence", "window", "sources", "quotes"),
    }
    assert (found["answered"], found["window"]) == (True, None)
    assert found["confidence"] in ("sure", "possible")
    quote = found["quotes"][0]
    assert set(quote) == {
        "text",
        "start",
        "end",
        "highlight",
        "score",
        "answers",
        "event",
        "article",
        "also",
    }
    assert quote["answers"] is True
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


def test_ask_for_people_shows_source_date_link_and_passage(run: Run, town: Path) -> None:
    answer_text = run("ask", "when will the port reopen?").stdout
    for part in ("صحيفة نوران", "10 January 2026", "https://noran.example/port"):
        assert part in answer_text
    assert "يوم الأحد" in answer_text


def test_limit_says_how_many_quotes_there_are_at_most(run: Run, town: Path) -> None:
    assert (
        len(document(run("ask", "When will the port reopen?", "--limit", "1", "--json"))["quotes"])
        == 1
    )
    assert run("ask", "When will the port reopen?", "--limit", "0").exit_code == 2


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
        "abstained_close",
        "abstained_far",
        "sure",
        "sure_right",
        "quotes_per_answer",
        "language_preference",
        "by_kind",
        "by_languages",
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


def test_start_loads_the_seeds_once_and_answers(run: Run) -> None:
    first = run("start", "--question", "who met in Paris?")
    assert first.exit_code == 0
    assert "added" in first.stderr
    assert "4 February 2026" in first.stdout
    assert "added" not in run("start", "--question", "who met in Paris?").stderr


def test_chat_answers_each_line_and_explains_what_it_cannot_take(run: Run, town: Path) -> None:
    answer_text = run(
        "chat", input="when will the port reopen?\n/help\n😀\n\nQuels ponts ?\n/quit\nnever\n"
    )
    assert answer_text.exit_code == 0
    assert "يوم الأحد" in answer_text.stdout
    assert "كل اقتباس منقول حرفياً" in answer_text.stdout
    assert "رموزاً فقط" in answer_text.stdout
    assert "deux ponts" in answer_text.stdout
    assert "never" not in answer_text.stdout


def test_chat_ends_with_its_input(run: Run) -> None:
    assert run("chat", input="").exit_code == 0


def test_start_with_a_telegram_token_runs_the_bot_in_telegram(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Double() as double:
        monkeypatch.setenv("BRIEFING_TELEGRAM_TOKEN", "123:secret")
        monkeypatch.setenv("BRIEFING_TELEGRAM_BASE_URL", double.base_url)
        result = run("start")
    assert result.exit_code == 2
    assert "Telegram does not know this token" in result.stderr
    assert "secret" not in result.output


def test_the_inbox_is_counted_in_words_and_as_json(run: Run, town: Path) -> None:
    assert run("inbox").stdout.startswith("waiting 0, being sent 0")
    found = document(run("inbox", "--json"))
    assert found == {"waiting": 0, "sending": 0, "done": {}, "unknown": []}


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


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ('[[name]]\nkind = "town"\nar = ["نوران"]\nen = ["Noran"]\nfr = ["Noran"]\n', "نوران"),
        ("[[name]\n", "TOML"),
    ],
)
def test_a_broken_list_of_names_ends_with_2_and_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, word: str
) -> None:
    shutil.copytree(PROJECT / "config", tmp_path / "config")
    (tmp_path / "config" / "names.toml").write_text(content, "utf-8")
    monkeypatch.setenv("BRIEFING_CONFIG_DIR", str(tmp_path / "config"))
    result = run("ask", "who met in Paris?")
    assert result.exit_code == 2
    assert "names.toml" in result.stderr
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


def test_ask_narrows_to_a_source_and_says_what_sources_there_are(run: Run, town: Path) -> None:
    found = document(run("ask", "متى يعود الميناء إلى العمل؟", "--source", "نوران", "--json"))
    assert found["sources"] is None or found["sources"] == ["صحيفة نوران"]
    refused = run("ask", "متى يعود الميناء؟", "--source", "Heron Times")
    assert refused.exit_code == 2
    assert "no article is of the source 'Heron Times'" in refused.stderr
    assert "صحيفة نوران" in refused.stderr


def test_several_questions_are_answered_one_by_one(run: Run, town: Path) -> None:
    asked = "متى يعود الميناء إلى العمل؟ How many pupils enrolled in the new school?"
    found = document(run("ask", asked, "--json"))
    assert [part["quotes"][0]["article"]["id"] for part in found["parts"]] == ["port", "school"]
    assert found["question"] == asked
    assert found["quotes"] == [quote for part in found["parts"] for quote in part["quotes"]]
    assert "» متى يعود الميناء إلى العمل؟" in run("ask", asked).stdout


def test_small_talk_is_not_searched_and_has_a_reply(run: Run, town: Path) -> None:
    found = document(run("ask", "شكرا جزيلا", "--json"))
    assert (found["intent"], found["answered"], found["quotes"]) == ("thanks", False, [])
    assert "nearest" not in found
    assert run("ask", "شكرا جزيلا").stdout == "على الرحب والسعة. اسألوا متى شئتم.\n"
    latest = document(run("ask", "ما الجديد؟", "--json"))
    assert latest["intent"] == "latest"
    assert latest["quotes"][0]["article"]["id"] == "school"


def test_a_follow_up_is_asked_with_the_question_that_it_leans_on(run: Run, town: Path) -> None:
    asked = ("ask", "ومتى؟", "--after", "من قال إن إصلاحات ميناء نوران انتهت؟")
    found = document(run(*asked, "--json"))
    assert found["after"] == "قال إن إصلاحات ميناء نوران انتهت"
    assert (found["quotes"] + found.get("nearest", []))[0]["article"]["id"] == "port"
    assert "بحثتُ عن: \u2068قال إن إصلاحات ميناء نوران انتهت — ومتى؟\u2069" in run(*asked).stdout
    alone = document(
        run("ask", "How many pupils enrolled in the new school?", *asked[2:], "--json")
    )
    assert alone["after"] is None
