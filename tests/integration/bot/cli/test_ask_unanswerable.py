"""`briefing ask` over a time, and where the archive has no answer."""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.cli_runner import Run, document

PUPILS = "How many pupils enrolled in the new school of Noran?"


def test_ask_in_a_window_names_it_and_offers_what_is_nearest_outside(run: Run, town: Path) -> None:
    inside = document(
        run("ask", PUPILS, "--since", "2026-01-20", "--until", "2026-01-20", "--json")
    )
    assert inside["window"] == {"since": "2026-01-20", "until": "2026-01-20"}
    assert [quote["article"]["id"] for quote in inside["quotes"]] == ["school"]
    outside = document(run("ask", PUPILS, "--since", "2027-01-01", "--json"))
    assert set(outside) == {*inside, "nearest"}
    assert (outside["answered"], outside["quotes"]) == (False, [])
    assert outside["window"] == {"since": "2027-01-01", "until": None}
    assert set(outside["nearest"][0]) == set(inside["quotes"][0])


def test_a_question_that_names_a_time_is_searched_there(run: Run, town: Path) -> None:
    found = document(run("ask", f"{PUPILS[:-1]} in January 2026?", "--json"))
    assert found["window"] == {"since": "2026-01-01", "until": "2026-01-31"}
    assert found["quotes"][0]["article"]["id"] == "school"
    answer_text = run("ask", f"{PUPILS[:-1]} in 2019?").stdout
    assert "Nothing in the archive was published from 1 January 2019" in answer_text


def test_without_an_answer_it_says_what_is_held_and_which_option_shows_the_nearest(
    run: Run, town: Path
) -> None:
    asked = ("ask", "When will the port reopen?", "--since", "2027-01-01")
    abstained = run(*asked)
    assert abstained.exit_code == 0
    assert abstained.stdout.split("\n") == [
        "Nothing in the archive was published since 1 January 2027.",
        "The newest article in the archive is from 20 January 2026.",
        "briefing ask --nearest shows the nearest passages.",
        "",
    ]
    nearest = run(*asked, "--nearest").stdout
    assert "The nearest passages outside those dates, which may not answer the question:" in nearest
    assert "يوم الأحد" in nearest
    assert "--nearest" not in nearest
    assert document(run(*asked, "--nearest", "--json")) == document(run(*asked, "--json"))


def test_the_nearest_are_not_shown_beside_an_answer(run: Run, town: Path) -> None:
    asked = ("ask", "متى يعود الميناء إلى العمل؟")
    assert run(*asked, "--nearest").stdout == run(*asked).stdout
    assert run(*asked).stdout.startswith("من الأرشيف:")


def test_an_empty_archive_abstains_with_success(run: Run) -> None:
    result = run("ask", "who met in Paris?", "--json")
    assert result.exit_code == 0
    assert document(result)["answered"] is False
    assert "empty" in run("ask", "who met in Paris?").stdout
