"""What editors do with feeds from the command line, over a web site on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from bot.feeds.poll_lock import polling_lock
from tests.fakes.web.site import Site
from tests.fixtures.cli_runner import Run, document
from tests.fixtures.sample_articles import PORT, PROJECT, RAIN, SCHOOL

RSS = "application/rss+xml; charset=utf-8"
BAD = (
    ("approve",),
    ("approve", "1", "--all"),
    ("refuse", "1", "--feed", "1"),
    ("approve", "--all", "--feed", "9"),
    ("held", "--feed", "9"),
    ("show", "9"),
    ("show", "9" * 30),
    ("edit", "9", "--hold"),
    ("edit", "9"),
    ("edit", "9", "--require", "Noran", "--no-require"),
    ("edit", "9", "--language", "the French one"),
    ("add", "https://noran.example/", "--require", "…"),
    ("add", "https://\udcff.example/"),
    ("add", "https://noran.example/", "--source", "\udcff"),
    ("pause", "9"),
    ("resume", "9"),
    ("remove", "9"),
    ("import", "nowhere.opml"),
    ("poll", "--seconds", "-1"),
)
"""What cannot be used; there is no feed yet."""
NEWS = (("rain", RAIN), ("port", PORT), ("school", SCHOOL))


def rss(site: Site, *items: tuple[str, str], title: str = "The Noran Courier") -> str:
    """Return a feed of a site that carries its articles whole, each of an id and a text told eight times."""
    items_xml = "".join(
        f"<item><guid isPermaLink='false'>{name}</guid><title>{name}</title>"
        f"<link>{site.url(f'/{name}')}</link>"
        f"<pubDate>Thu, 05 Feb 2026 08:0{place}:00 +0000</pubDate>"
        f"<content:encoded>{escape(f'<p>{text}</p>' * 8)}</content:encoded></item>"
        for place, (name, text) in enumerate(items)
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' "
        "xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
        f"<title>{title}</title><link>https://noran.example/</link>{items_xml}</channel></rss>"
    )


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site whose page names its feed of two articles, and no pause between two requests."""
    monkeypatch.setenv("BRIEFING_FETCHING_ALLOW_LOOPBACK", "true")
    monkeypatch.setenv("BRIEFING_FEEDS_SECONDS_BETWEEN", "0")
    monkeypatch.setenv("BRIEFING_EMBEDDING_SECOND", "false")
    with Site() as site:
        site.page("/feed", rss(site, *NEWS[:2]), RSS)
        site.page("/", "<link rel='alternate' type='application/rss+xml' href='/feed'>")
        yield site


def add(run: Run, *words: str) -> dict[str, Any]:
    (feed,) = document(run("feeds", "add", *words, "--json"))["feeds"]
    return dict(feed)


def test_the_feed_of_a_page_is_found_followed_and_shown(run: Run, site: Site) -> None:
    added = add(run, site.url("/"), "--language", "FR", "--require", "Noran", "--hold")
    assert added["address"] == site.url("/feed")
    assert (added["source"], added["kind"], added["language"]) == ("The Noran Courier", "rss", "fr")
    assert (added["hold"], added["require"], added["refuse"]) == (True, ["Noran"], [])
    assert added["health"]["condition"] == "new"
    assert added["health"]["articles_a_day"] is None
    assert added["added_by"].startswith("terminal")
    (listed,) = document(run("feeds", "list", "--json"))["feeds"]
    assert listed == added == document(run("feeds", "show", "1", "--json"))
    shown = run("feeds", "show", "1").stdout
    assert "held for approval" in shown
    assert "https://noran.example/" in shown


def test_an_address_that_cannot_be_followed_is_named_with_a_remedy_and_the_others_are_added(
    run: Run, site: Site
) -> None:
    closed = site.page("/closed", "", status=403)
    addresses = (site.url("/nowhere"), closed, site.url("/feed"), site.url("/feed"), "noran")
    result = run("feeds", "add", *addresses, "--json")
    assert result.exit_code == 2
    found = document(result)
    assert [each["number"] for each in found["feeds"]] == [1]
    assert [each["from"] for each in found["refused"]] == [*addresses[:2], *addresses[3:]]
    assert "(404)" in found["refused"][0]["error"]
    assert "ask the site" in found["refused"][1]["remedy"]
    assert "as number 1" in found["refused"][2]["error"]
    assert addresses[0] in result.stderr


def test_a_poll_brings_what_is_new_quietly_and_says_so(run: Run, site: Site) -> None:
    add(run, site.url("/feed"))
    polled = document(run("feeds", "poll", "--json"))
    assert (polled["asked"], polled["added"], polled["failed"]) == (1, 2, 0)
    assert polled["feeds"][0]["added"] == 2
    assert polled["feeds"][0]["health"]["condition"] == "well"
    arrived = document(run("articles", "new", "--json"))
    assert sorted(each["title"] for each in arrived["articles"]) == ["port", "rain"]
    assert all(each["quiet"] for each in arrived["articles"])
    (quote, *_) = document(run("ask", "Quel maire a fermé deux ponts ?", "--json"))["quotes"]
    assert quote["article"]["source"] == "The Noran Courier"
    assert quote["article"]["published"].startswith("2026-02-05")
    said = run("feeds", "poll").stdout
    assert "0 asked, nothing new" in said
    assert "The next feed is asked" in said


def test_articles_that_came_are_listed_once_from_where_it_was_left_off(
    run: Run, town: Path
) -> None:
    first = document(run("articles", "new", "--limit", "2", "--json"))
    assert [each["id"] for each in first["articles"]] == ["port", "school"]
    assert not first["articles"][0]["quiet"]
    rest = document(run("articles", "new", "--after", str(first["last"]), "--json"))
    assert len(rest["articles"]) == 1
    last = str(rest["last"])
    assert document(run("articles", "new", "--after", last, "--json")) == {
        "articles": [],
        "last": rest["last"],
    }
    assert "school" in run("articles", "new").stdout


def test_what_a_feed_holds_is_listed_approved_and_refused(run: Run, site: Site) -> None:
    site.page("/feed", rss(site, *NEWS), RSS)
    add(run, site.url("/feed"), "--hold")
    assert document(run("feeds", "poll", "--json"))["held"] == 3
    waiting = document(run("feeds", "held", "--json"))
    assert waiting["count"] == 3
    assert [each["title"] for each in waiting["held"]] == ["rain", "port", "school"]
    assert SCHOOL in waiting["held"][2]["text"]
    assert document(run("feeds", "list", "--json"))["feeds"][0]["health"]["held"] == 3
    assert RAIN in run("feeds", "held", "--feed", "1", "--text").stdout
    assert document(run("articles", "list", "--json"))["articles"] == []
    numbers = [str(each["number"]) for each in waiting["held"]]
    assert document(run("feeds", "approve", numbers[0], "--json"))["added"] == 1
    assert document(run("feeds", "refuse", numbers[1], "--json"))["refused"] == 1
    again = run("feeds", "approve", *numbers[:2], "77", "--json")
    assert again.exit_code == 2
    assert [each["number"] for each in document(again)["not_waiting"]] == [1, 2, 77]
    assert "refused already" in again.stderr
    assert document(run("feeds", "refuse", "--all", "--feed", "1", "--json"))["refused"] == 1
    (article,) = document(run("articles", "list", "--json"))["articles"]
    assert (article["title"], article["source"]) == ("rain", "The Noran Courier")
    assert "Nothing waits" in run("feeds", "held").stdout
    nothing = run("feeds", "approve", "--all")
    assert "nothing was decided" in nothing.stdout
    assert "model" not in nothing.stderr


def test_what_cannot_be_used_ends_with_2_on_one_line(run: Run, tmp_path: Path) -> None:
    for words in (*BAD, ("export", str(tmp_path)), ("poll", "--seconds", "nan")):
        result = run("feeds", *words)
        assert result.exit_code == 2, words
        assert "should not happen" not in result.stderr
        assert "Traceback" not in result.output


def test_what_is_decided_of_a_feed_is_changed_and_taken_away(run: Run, site: Site) -> None:
    add(run, site.url("/feed"), "--source", "Courrier", "--refuse", "sport", "--require", "Noran")
    edited = document(run("feeds", "edit", "1", "--hold", "--language", "ar", "--json"))
    assert (edited["hold"], edited["language"], edited["source"]) == (True, "ar", "Courrier")
    assert edited["refuse"] == ["sport"]
    words = ("--at-once", "--source", "", "--language", "", "--no-refuse", "--require", "مطر")
    edited = document(run("feeds", "edit", "1", *words, "--json"))
    assert (edited["hold"], edited["language"]) == (False, None)
    assert (edited["source"], edited["refuse"]) == ("The Noran Courier", [])
    assert edited["require"] == ["مطر"]
    assert document(run("feeds", "edit", "1", "--no-require", "--json"))["require"] == []
    entries = document(run("log", "--about", "feed 1", "--json"))["entries"]
    assert [each["what"] for each in entries] == ["feed changed"] * 3 + ["feed added"]
    assert entries[0]["by"].startswith("terminal")


def test_a_paused_feed_is_not_asked_until_it_is_resumed(run: Run, site: Site) -> None:
    add(run, site.url("/feed"), "--hold")
    paused = run("feeds", "pause", "1", "8", "--json")
    assert paused.exit_code == 2
    (feed,) = document(paused)["feeds"]
    assert (feed["state"], feed["next_at"]) == ("paused", None)
    assert "feeds resume 1" in feed["health"]["remedy"]
    site.asked.clear()
    polled = run("feeds", "poll").stdout
    assert "0 asked, nothing new" in polled
    assert "No feed is asked" in polled
    assert not site.asked
    assert document(run("feeds", "resume", "1", "--json"))["feeds"][0]["state"] == "active"
    assert document(run("feeds", "poll", "--json"))["held"] == 2


def test_a_feed_that_cannot_be_read_is_shown_with_what_to_do(run: Run, site: Site) -> None:
    add(run, site.url("/feed"))
    site.page("/feed", "", status=404)
    result = run("feeds", "poll", "--json")
    assert result.exit_code == 0
    (feed,) = document(result)["feeds"]
    health = feed["health"]
    assert (health["condition"], health["failures"]) == ("failing", 1)
    assert health["error"] == "not there"
    assert "new address" in health["remedy"]
    listed = run("feeds", "list").stdout
    assert "failed once" in listed
    assert "→ Look for its new address" in listed


def test_a_poll_in_another_process_is_not_disturbed(run: Run, site: Site, tmp_path: Path) -> None:
    add(run, site.url("/feed"), "--hold")
    site.asked.clear()
    with polling_lock(tmp_path / "archive"):
        result = run("feeds", "poll", "--json")
        assert result.exit_code == 1
        assert "another process is polling" in document(result)["error"]
        assert document(result)["remedy"]
        assert not site.asked


def test_feeds_go_out_as_opml_and_come_back_as_they_were(
    run: Run, site: Site, tmp_path: Path
) -> None:
    add(run, site.url("/feed"), "--hold", "--source", "Courrier", "--refuse", "sport, local")
    assert run("feeds", "export", "all.opml").exit_code == 0
    written = (tmp_path / "all.opml").read_text("utf-8")
    assert site.url("/feed") in document(run("feeds", "export", "--json"))["opml"]
    assert site.url("/feed") in run("feeds", "export").stdout
    known = document(run("feeds", "import", "all.opml", "--json"))
    assert (known["added"], known["known"]) == ([], [site.url("/feed")])
    run("feeds", "remove", "1")
    site.asked.clear()
    back = document(run("feeds", "import", "-", "--paused", "--json", input=written))["added"][0]
    assert (back["number"], back["source"], back["hold"]) == (2, "Courrier", True)
    assert (back["state"], back["refuse"]) == ("paused", ["sport, local"])
    assert not site.asked


def test_the_sources_to_choose_from_are_taken_in_paused(run: Run) -> None:
    example = PROJECT / "config" / "feeds.example.opml"
    taken = document(run("feeds", "import", str(example), "--paused", "--json"))
    assert taken["added"]
    assert taken["bad"] == []
    assert {each["state"] for each in taken["added"]} == {"paused"}


def test_what_cannot_be_followed_of_a_list_is_named_and_the_rest_is_taken(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "list.opml"
    good = "<outline text='Courier' xmlUrl='https://noran.example/feed'/>"
    bad = "<outline text='Gazette' type='rss' xmlUrl='gopher://noran.example/'/>"
    path.write_text(f"<opml><body>{good}{bad}</body></opml>", "utf-8")
    result = run("feeds", "import", str(path))
    assert result.exit_code == 0
    assert "1 added, 0 followed already, 1 refused" in result.stdout
    assert "Gazette: it cannot be followed: bad address" in result.stderr
    path.write_text(f"<opml><body>{bad}</body></opml>", "utf-8")
    assert run("feeds", "import", str(path)).exit_code == 2
    path.write_text("no list", "utf-8")
    assert "no OPML" in run("feeds", "import", str(path)).stderr


def test_what_is_wrong_on_this_machine_is_told_once_and_tried_again(
    run: Run, site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add(run, site.url("/feed"))
    monkeypatch.setenv("BRIEFING_EMBEDDING_MODEL", str(tmp_path / "no model"))
    result = run("feeds", "poll", "--json")
    assert result.exit_code == 1
    polled = document(result)
    assert len(polled["errors"]) == 1
    assert "no model" in polled["errors"][0]["error"]
    assert (polled["added"], polled["failed"], polled["waiting"]) == (0, 0, 2)
    later = run("feeds", "poll")
    assert later.exit_code == 0
    assert "0 asked, 2 still to be read" in later.stdout


def test_an_article_of_two_feeds_comes_once_and_stays_when_they_are_removed(
    run: Run, site: Site
) -> None:
    site.page("/other", rss(site, NEWS[0], title="The Noran Mirror"), RSS)
    run("feeds", "add", site.url("/feed"), site.url("/other"))
    polled = document(run("feeds", "poll", "--json"))
    assert (polled["asked"], polled["added"], polled["carried"]) == (2, 2, 1)
    assert [each["source"] for each in polled["feeds"]] == ["The Noran Courier", "The Noran Mirror"]
    removed = document(run("feeds", "remove", "1", "2", "--json"))["feeds"]
    assert [each["number"] for each in removed] == [1, 2]
    assert document(run("feeds", "list", "--json")) == {"feeds": []}
    assert "feeds add" in run("feeds", "list").stdout
    arrived = document(run("articles", "new", "--json"))["articles"]
    assert sorted(each["title"] for each in arrived) == ["port", "rain"]
