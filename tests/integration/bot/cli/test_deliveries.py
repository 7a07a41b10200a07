"""`briefing digest ledger` and `briefing digest resend`: documents and errors."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.digest.payloads import EditionPayload
from bot.digest.store.deliveries import STATES
from bot.digest.store.payloads import store_content
from bot.digest.store.schema import deliveries
from index.storage.database import Database
from index.storage.row_mapping import format_utc
from tests.fixtures.cli_runner import Run, document
from tests.fixtures.digest_simulation import Clock, subscribe, subscription

DUE = datetime(2026, 2, 3, 6, tzinfo=UTC)
SUBSCRIBED = ("planned", "parked", "failed")
EVERY = {state: number for number, state in enumerate(STATES, 1)}


@pytest.fixture
def ledger(tmp_path: Path) -> None:
    """A line in each state, for as many chats; what was skipped is without content."""
    database = Database(tmp_path / "archive")
    of = EditionPayload(
        language="en", day=date(2026, 2, 3), after=0, upto=9, since=date(2026, 1, 31), length=5
    )
    with database.write_transaction() as connection:
        content = store_content(connection, of, format_utc(DUE))
        for state, number in EVERY.items():
            row = {
                "bot_id": 7,
                "chat_id": 100 + number,
                "kind": "edition",
                "of": "2026-02-03",
                "content": None if state == "skipped" else content,
                "state": state,
                "why": {"failed": "blocked", "skipped": "late"}.get(state),
                "due_at": format_utc(DUE),
                "decided_at": format_utc(DUE),
            }
            connection.execute(insert(deliveries).values(row))
    database.close()
    clock = Clock(tmp_path / "clock", DUE)
    chats = [100 + EVERY[state] for state in SUBSCRIBED]
    chosen = [subscription(chat, "Africa/Tripoli", "08:00", DUE) for chat in chats]
    subscribe(tmp_path / "archive", 7, clock, chosen)


def test_an_empty_ledger_has_nothing_of_anything(run: Run) -> None:
    status = document(run("digest", "ledger", "--json"))
    assert status == {"subscribers": 0, **dict.fromkeys(STATES, 0), "deliveries": []}


def test_the_ledger_counts_every_state_and_lists_the_newest_first(run: Run, ledger: None) -> None:
    status = document(run("digest", "ledger", "--json"))
    assert {state: status[state] for state in STATES} == dict.fromkeys(STATES, 1)
    assert status["subscribers"] == len(SUBSCRIBED)
    assert [each["state"] for each in status["deliveries"]] == [*reversed(STATES)]
    newest = status["deliveries"][0]
    why = {"failed": "blocked", "skipped": "late"}.get(newest["state"])
    assert (newest["chat"], newest["of"], newest["why"]) == (100 + len(STATES), "2026-02-03", why)
    assert newest["due_at"] == "2026-02-03T06:00:00.000000Z"


def test_the_ledger_lists_only_the_states_and_the_number_that_are_asked_for(
    run: Run, ledger: None
) -> None:
    some = document(run("digest", "ledger", "--state", "parked", "--state", "sent", "--json"))
    assert [each["state"] for each in some["deliveries"]] == ["parked", "sent"]
    few = document(run("digest", "ledger", "--limit", "2", "--json"))
    assert len(few["deliveries"]) == 2
    assert few["planned"] == 1


def test_people_read_counts_and_lines(run: Run, ledger: None) -> None:
    said = run("digest", "ledger", "--state", "failed").stdout.splitlines()
    assert said[0] == "subscribers 3"
    assert said[1] == ", ".join(f"{state} 1" for state in STATES)
    number = EVERY["failed"]
    (line,) = said[2:]
    assert line.split(": ", 1) == [
        f"  {number}",
        f"edition 2026-02-03, chat {100 + number}, due 2026-02-03T06:00:00.000000Z: failed (blocked)",
    ]


@pytest.mark.parametrize("state", ["parked", "failed"])
def test_what_may_not_have_arrived_or_was_refused_is_planned_again(
    run: Run, ledger: None, state: str
) -> None:
    number = str(EVERY[state])
    status = document(run("digest", "resend", number, "--json"))
    assert status == {"edition": EVERY[state], "was": state, "state": "planned"}
    planned = document(run("digest", "ledger", "--state", "planned", "--json"))["deliveries"]
    again = planned[0] if planned[0]["number"] == EVERY[state] else planned[1]
    assert again["why"] is None
    assert again["until"] > format_utc(datetime.now(UTC))
    refused = run("digest", "resend", number)
    assert refused.exit_code != 0
    assert f"{number} is planned" in refused.stderr


@pytest.mark.parametrize("state", [each for each in STATES if each not in ("parked", "failed")])
def test_what_has_arrived_or_is_to_be_sent_is_not_sent_again(
    run: Run, ledger: None, state: str
) -> None:
    refused = run("digest", "resend", str(EVERY[state]), "--json")
    assert refused.exit_code != 0
    said = document(refused)["error"]
    assert said == f"{EVERY[state]} is {state}: only what is parked or failed can be sent again"
    assert document(run("digest", "ledger", "--json"))[state] == 1


def test_a_number_that_the_ledger_does_not_have_is_said(run: Run, ledger: None) -> None:
    refused = run("digest", "resend", "99")
    assert refused.exit_code != 0
    assert "the ledger has no 99" in refused.stderr


@pytest.mark.parametrize(
    "words", [("resend", "soon"), ("resend",), ("resend", "9" * 19), ("ledger", "--state", "lost")]
)
def test_what_is_no_edition_and_no_state_is_refused(run: Run, words: tuple[str, ...]) -> None:
    assert run("digest", *words).exit_code == 2
