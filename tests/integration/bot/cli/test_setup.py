"""`briefing setup telegram`: what it sets, and that it sets nothing twice."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from bot.answers.commands import MENU
from bot.cli.main import main
from tests.fakes.telegram.server import Double
from tests.fixtures.cli_runner import Run, document


@pytest.fixture
def run(double: Double, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("BRIEFING_TELEGRAM_TOKEN", double.token)
    monkeypatch.setenv("BRIEFING_TELEGRAM_BASE_URL", double.base_url)
    return lambda *words: CliRunner().invoke(main, list(words))


def calls(double: Double) -> list[str]:
    return [call.method for call in double.journal if call.method.startswith("set")]


def test_all_is_set_once_and_what_somebody_changes_is_set_again(double: Double, run: Run) -> None:
    first = document(run("setup", "telegram", "--json"))
    assert (len(first["changed"]), first["refused"], first["unchanged"]) == (14, [], 0)
    texts = double.state.descriptions
    assert {language for _, language in texts} == {"", "ar", "en", "fr"}
    assert texts["short_description", "en"].startswith("News on Libya")
    menus = double.state.commands
    assert all([each["command"] for each in menu] == list(MENU) for menu in menus.values())
    assert double.state.channel_rights["can_post_messages"]
    assert double.state.pictures[0].startswith(b"\xff\xd8")
    before = calls(double)
    assert run("setup", "telegram").stdout == "All is set already.\n"
    assert calls(double) == before
    texts["description", "fr"] = "Autre chose"
    assert run("setup", "telegram").stdout == "changed: description (fr)\n"


def test_what_telegram_refuses_is_said_and_the_rest_is_set(double: Double, run: Run) -> None:
    double.faults.add("400", "setMyProfilePhoto")
    done = run("setup", "telegram")
    assert done.exit_code == 0
    assert "left as it is, because Telegram refuses it: picture (" in done.stdout
    assert len(double.state.descriptions) == 8


@pytest.mark.parametrize("token", [None, "123:short"])
def test_a_token_that_telegram_rejects_is_one_clear_line_without_it(
    double: Double, run: Run, monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    double.revoke()
    if token:
        monkeypatch.setenv("BRIEFING_TELEGRAM_TOKEN", token)
    done = run("admin", "invite", "--json")
    assert done.exit_code == 2
    assert document(done)["error"] == "Telegram does not know this token, or no longer"
    assert done.stderr.count("\n") == 1
    assert (token or double.token) not in done.output


def test_a_command_prints_its_token_nowhere(double: Double, run: Run) -> None:
    double.state.bot.username = f"a_{double.token}"
    done = run("admin", "invite", "--json")
    assert "https://t.me/a_‹token›?start=" in document(done)["link"]


def test_without_a_token_or_telegram_it_says_what_to_do(
    double: Double, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.revoke()
    assert run("setup", "telegram").exit_code == 2
    monkeypatch.delenv("BRIEFING_TELEGRAM_TOKEN")
    assert "no Telegram token" in run("setup", "telegram").stderr
