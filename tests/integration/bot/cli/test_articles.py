"""What editors do from the command line: add, import, list, edit, remove, restore."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.fixtures.cli_runner import Run, document
from tests.fixtures.editors import hidden_page
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, SEED


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


def test_a_text_that_its_page_does_not_show_is_added_only_where_that_was_said(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text(hidden_page("Rain", RAIN * 3), "utf-8")
    refused = run("add", "page.html")
    assert refused.exit_code == 2
    assert "--hidden" in refused.stderr
    added = document(run("add", "page.html", "--hidden", "--json"))["added"]
    assert [article["outcome"] for article in added] == ["added"]


def test_the_seed_is_understood_without_being_told(run: Run) -> None:
    added = document(run("add", str(SEED), "--json"))["added"][0]
    assert added["source"] == "اخبار العرب - كندا 24"
    assert added["published"] == "2026-02-04T12:51:00"
    assert added["title"] is None
    assert added["date_found"] == "byline"
    answer_text = run("ask", "who met in Paris?").stdout
    assert "4 February 2026" in answer_text


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not"),
        (b"GIF89a" + bytes(40), "not"),
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


def test_a_listed_id_can_be_copied_as_it_stands(run: Run, town: Path) -> None:
    first = run("articles", "list").stdout.split()[0]
    assert run("articles", "show", first).exit_code == 0


def test_an_address_inside_a_network_is_refused(run: Run) -> None:
    result = run("add", "http://127.0.0.1/port")
    assert result.exit_code == 2
    assert "http://127.0.0.1/port" in result.stderr
    assert run("articles", "list", "--json").stdout == '{"articles": []}\n'


def test_an_old_encoding_is_read_right(run: Run, tmp_path: Path) -> None:
    (tmp_path / "port.txt").write_bytes(PORT.encode("windows-1256"))
    added = document(run("add", "port.txt", "--json"))["added"][0]
    assert document(run("articles", "show", added["id"], "--json"))["text"] == PORT


def test_a_copy_is_named_and_kept_replaced_or_discarded_as_it_is_told(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "first.txt").write_text(SCHOOL, "utf-8")
    (tmp_path / "second.txt").write_text(f"URGENT: {SCHOOL}", "utf-8")
    first = document(run("add", "first.txt", "--json"))["added"][0]
    discarded = document(run("add", "second.txt", "--copies", "discard", "--json"))["added"][0]
    assert (discarded["outcome"], discarded["id"]) == ("discarded", first["id"])
    assert [(each["id"], each["how"]) for each in discarded["copies"]] == [(first["id"], "edited")]
    replaced = document(run("add", "second.txt", "--copies", "replace", "--json"))["added"][0]
    assert (replaced["outcome"], replaced["id"]) == ("replaced", first["id"])
    kept = run("add", "first.txt", "second.txt", "--json")
    assert [each["outcome"] for each in document(kept)["added"]] == ["replaced", "added"]
    assert "is a copy (edited) of" in kept.stderr


def test_an_import_that_discards_copies_keeps_a_text_under_another_title_address_and_day(
    run: Run, tmp_path: Path
) -> None:
    lines = [
        {
            "id": f"news-{number}",
            "text": SCHOOL,
            "title": title,
            "url": f"https://noran.example/{number}",
            "published": f"2026-02-0{number}",
        }
        for number, title in ((1, "The harbour opens"), (2, "The mill burns"))
    ]
    (tmp_path / "lines.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    imported = document(run("import", "lines.jsonl", "--copies", "discard", "--json"))
    assert (imported["added"], imported["discarded"]) == (2, 0)


def test_a_file_that_changed_is_kept_beside_its_article_where_that_was_decided(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "school.txt"
    path.write_text(SCHOOL, "utf-8")
    first = document(run("add", "school.txt", "--json"))["added"][0]
    path.write_text(RAIN, "utf-8")
    discarded = document(run("add", "school.txt", "--copies", "discard", "--json"))["added"][0]
    assert (discarded["outcome"], discarded["id"]) == ("discarded", first["id"])
    kept = document(run("add", "school.txt", "--copies", "keep", "--json"))["added"][0]
    assert (kept["outcome"], kept["id"]) == ("added", f"{first['id']}-2")
    assert document(run("articles", "show", first["id"], "--json"))["text"] == SCHOOL


def test_lines_that_are_added_are_those_that_were_imported(run: Run, town: Path) -> None:
    added = document(run("add", str(town), "--json"))["added"]
    assert [each["outcome"] for each in added[:2]] == ["unchanged", "unchanged"]


def test_a_date_that_may_be_two_days_is_called_uncertain_wherever_it_is_shown(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "lines.jsonl").write_text(
        json.dumps({"id": "school", "text": SCHOOL, "published": "04/05/2018"}), "utf-8"
    )
    assert document(run("import", "lines.jsonl", "--json"))["added"] == 1
    shown = document(run("articles", "show", "school", "--json"))
    assert (shown["published"], shown["date_found"]) == ("2018-05-04", "uncertain")
    assert "4 May 2018 (date uncertain)" in run("ask", "How many pupils enrolled?").stdout
    refused = run("articles", "edit", "school", "--published", "04/05/2018")
    assert refused.exit_code == 2
    assert "2018-05-04, 2018-04-05" in refused.stderr
    assert run("articles", "edit", "school", "--published", "٤ ماي ٢٠١٨").exit_code == 0
    assert "4 May 2018\u2069" in run("articles", "list").stdout


def test_the_log_shows_what_the_terminal_changed(run: Run, town: Path) -> None:
    run("articles", "edit", "port", "--source", "The Courier")
    entries = document(run("log", "--about", "port", "--json"))["entries"]
    assert [each["what"] for each in entries] == ["edited", "added"]
    assert entries[0]["before"] == {"source": "صحيفة نوران"}
    assert entries[0]["by"].startswith("terminal")
    assert "source: صحيفة نوران → The Courier" in run("log", "--limit", "1").stdout


def test_an_invitation_takes_a_bot_to_be_invited_to(run: Run) -> None:
    result = run("admin", "invite")
    assert result.exit_code == 2
    assert "BRIEFING_TELEGRAM_TOKEN" in result.stderr
    assert document(run("admin", "list", "--json")) == {"admins": []}
    assert run("admin", "revoke", "12").exit_code == 2


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


def test_reembed_says_how_many_articles_it_embedded(run: Run, town: Path) -> None:
    assert document(run("reembed", "--json")) == {"reembedded": 0}


def test_a_removed_seed_is_not_loaded_again(run: Run) -> None:
    run("start", "--question", "who met in Paris?")
    (seed,) = document(run("articles", "list", "--json"))["articles"]
    run("articles", "remove", seed["id"])
    run("start", "--question", "who met in Paris?")
    assert document(run("articles", "list", "--json")) == {"articles": []}
