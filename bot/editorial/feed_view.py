"""Feeds as editors see them: a list, one of them with its health, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.editorial.draft_view import PER_PAGE, turns
from bot.feeds.keyword_filter import MAX_WORDS, InvalidKeywords
from bot.feeds.manager import OpmlImportResult
from bot.feeds.store.feeds import FeedState, FollowedFeed
from bot.i18n.catalogue import UI_LANGUAGE_NAMES, UI_LANGUAGES, UiLanguage, shown_date, shown_number
from bot.i18n.editorial_strings import DESK
from bot.i18n.feed_strings import FEED_WORDS
from bot.i18n.phrases import isolated, visible
from bot.telegram.message import (
    MAX_URL_LENGTH,
    Button,
    HtmlText,
    OutgoingMessage,
    bidi_isolate,
    bold,
    clipped,
    joined,
    link,
    text,
    trusted_text,
)
from index.errors import InvalidInputError
from index.ingest.rejections import RejectReason

FIELDS = ("source", "language", "require", "refuse")
"""What an editor writes of a feed."""
MAX_INVALID_LINES = 5
"""So many feeds of a list that cannot be followed are named."""
_NAME = 100
_WORDS = 600
_MARKS = {FeedState.PAUSED: "⏸", FeedState.GONE: "✖"}


def listed(
    feeds: Sequence[FollowedFeed],
    page: int,
    held: int,
    lang: UiLanguage,
    *,
    said: str = "",
    enabled: bool = True,
) -> OutgoingMessage:
    """Lay out a page of the feeds, a numbered button for each, and what else can be done."""
    words = FEED_WORDS[lang]
    page = min(page, max(0, len(feeds) - 1) // PER_PAGE)
    shown = feeds[page * PER_PAGE :][:PER_PAGE]
    troubled = sum(map(_is_troubled, feeds))
    head = [said] if said else []
    head.append(_count(words["feeds"], len(feeds), lang) if feeds else words["no feeds"])
    if troubled:
        head.append(_count(words["feeds troubled"], troubled, lang))
    if not enabled:
        head.append(words["switched off"])
    blocks = [joined(map(trusted_text, head), "\n"), *(_line(each, lang) for each in shown)]
    if not feeds:
        blocks.append(trusted_text(words["how"]))
    numbered = [Button(str(each.number), f"feed:{each.number}:show") for each in shown]
    half = (len(numbered) + 1) // 2 if len(numbered) > 5 else len(numbered)
    rows = [tuple(row) for row in (numbered[:half], numbered[half:]) if row]
    if held:
        rows.append((Button(_count(words["held button"], held, lang), "held:0:list:0"),))
    rows += turns("feeds:{page}", page, more=(page + 1) * PER_PAGE < len(feeds))
    if feeds:
        rows.append((Button(words["how button"], "feeds:0:how"),))
    return OutgoingMessage(joined(blocks, "\n\n"), tuple(rows))


def how(lang: UiLanguage) -> OutgoingMessage:
    """Say how a feed is added."""
    words = FEED_WORDS[lang]
    return OutgoingMessage(trusted_text(words["how"]), ((Button(words["back"], "feeds:0:list"),),))


def feed(of: FollowedFeed, lang: UiLanguage, zone: ZoneInfo, said: str = "") -> OutgoingMessage:
    """Lay out a feed with its settings and its health, and the buttons that change it."""
    words, start = FEED_WORDS[lang], f"feed:{of.number}"
    blocks = [trusted_text(said)] if said else []
    blocks += [_title(of), *_about(of, lang), *_health(of, lang, zone)]
    active, held = of.state is FeedState.ACTIVE, of.chosen.hold
    pause = "pause" if active else "resume"
    change = Button(words[pause], f"{start}:{pause}")
    if held:
        publish = Button(words["turn at once"], f"{start}:atonce")
    else:
        publish = Button(words["turn hold"], f"{start}:hold")
    fields = [Button(words[f"edit {field}"], f"{start}:{field}") for field in FIELDS]
    rows = [(change, publish), tuple(fields[:2]), tuple(fields[2:])]
    if of.health.held:
        rows.append((Button(words["all held"], "held:0:list:0"),))
    rows.append((Button(words["remove"], f"{start}:remove"), Button(words["back"], "feeds:0:list")))
    return OutgoingMessage(joined(blocks, "\n"), tuple(rows))


def ask_remove(of: FollowedFeed, lang: UiLanguage) -> OutgoingMessage:
    """Ask once more before a feed is removed."""
    words, start = FEED_WORDS[lang], f"feed:{of.number}"
    row = (
        Button(words["really remove"], f"{start}:really"),
        Button(words["back"], f"{start}:show"),
    )
    blocks = [_title(of), trusted_text(words["ask remove"])]
    if of.health.held:
        blocks.append(trusted_text(_count(words["removed with it"], of.health.held, lang)))
    return OutgoingMessage(joined(blocks, "\n"), (row,))


def removed(of: FollowedFeed, lang: UiLanguage) -> str:
    """Say that a feed is followed no longer."""
    return FEED_WORDS[lang]["removed"].format(name=_run(name_of(of)))


def prompt(number: int, field: str, lang: UiLanguage) -> OutgoingMessage:
    """Ask an editor to write something of a feed, with a way back to it."""
    words = FEED_WORDS[lang]
    back = Button(words["back"], f"feed:{number}:show")
    said = f"{words[f'write {field}']}\n{DESK[lang]['or cancel']}"
    return OutgoingMessage(trusted_text(said), ((back,),))


def imported(
    of: OpmlImportResult, unread: Sequence[tuple[str, str]], lang: UiLanguage
) -> OutgoingMessage:
    """Say what came of a list of feeds.

    `unread` are those that the list did not name well: a name, and why, in the editor's language.
    """
    words = FEED_WORDS[lang]
    bad = [*unread, *((address, unfit(error, lang)) for address, error in of.bad)]
    counts = {"list added": len(of.added), "list known": len(of.known), "list bad": len(bad)}
    lines = [
        trusted_text(_count(words[name], count, lang))
        for name, count in counts.items()
        if count or name == "list added"
    ]
    lines += [
        trusted_text(f"– {_run(clipped(name, _NAME))}: {_run(clipped(why, _NAME * 2))}")
        for name, why in bad[:MAX_INVALID_LINES]
    ]
    if len(bad) > MAX_INVALID_LINES:
        lines.append(trusted_text(f"+{len(bad) - MAX_INVALID_LINES}"))
    return OutgoingMessage(joined(lines, "\n"), ((Button(words["back"], "feeds:0:list"),),))


def exported(count: int, lang: UiLanguage) -> OutgoingMessage:
    """Say what is in the list of feeds that goes with it."""
    return OutgoingMessage(trusted_text(_count(FEED_WORDS[lang]["exported"], count, lang)))


def dead(of: FollowedFeed, lang: UiLanguage, zone: ZoneInfo) -> OutgoingMessage:
    """Tell that a feed is dead, what is wrong with it and what to do."""
    words = FEED_WORDS[lang]
    gone = of.state is FeedState.GONE
    blocks = [trusted_text(words["gone now" if gone else "dead"]), _title(of), _address(of, lang)]
    if gone:
        blocks.append(trusted_text(words["gone remedy"]))
    else:
        blocks += [trusted_text(line) for line in _trouble(of, lang, zone)]
    return OutgoingMessage(
        joined(blocks, "\n"), ((Button(words["open feed"], f"feed:{of.number}:show"),),)
    )


def name_of(of: FollowedFeed) -> str:
    """Return what a feed is called: by an editor, by itself, or by its address."""
    return clipped(of.source or of.found.address, _NAME)


def why(error: RejectReason, lang: UiLanguage) -> str:
    """Say why a feed cannot be read, and what to do."""
    return FEED_WORDS[lang].get(error) or DESK[lang][error]


def unfit(error: InvalidInputError, lang: UiLanguage) -> str:
    """Say why what was decided of a feed cannot be."""
    words = FEED_WORDS[lang]
    if not isinstance(error, InvalidKeywords):
        return words["unfit settings"]
    if error.word is None:
        return words["too many words"].format(count=MAX_WORDS)
    return words["unfit word"].format(word=_run(error.word))


def _line(of: FollowedFeed, lang: UiLanguage) -> HtmlText:
    words, health = FEED_WORDS[lang], of.health
    runs = [trusted_text(f"{_mark(of)} {of.number}."), bold(bidi_isolate(text(name_of(of))))]
    parts = [joined(runs, " ")]
    if health.a_day is not None:
        parts.append(trusted_text(words["a day"].format(count=_rate(health.a_day))))
    if health.held:
        parts.append(trusted_text(_count(words["held count"], health.held, lang)))
    return joined(parts, " · ")


def _mark(of: FollowedFeed) -> str:
    return _MARKS.get(of.state) or ("⚠" if of.health.failures else "●")


def _is_troubled(of: FollowedFeed) -> bool:
    return _mark(of) in ("⚠", "✖")


def _title(of: FollowedFeed) -> HtmlText:
    return joined([trusted_text(_mark(of)), bold(text(name_of(of)))], " ")


def _about(of: FollowedFeed, lang: UiLanguage) -> list[HtmlText]:
    """Say what a feed is, and what editors have decided of it."""
    words, chosen = FEED_WORDS[lang], of.chosen
    number = words["number"].format(number=of.number)
    lines = [f"{number} · {words[of.found.kind]} · {words[of.state]}"]
    lines.append(_named(words, "source", of.source))
    language = chosen.language or of.found.language
    lines.append(_named(words, "language", _language(language) if language else None))
    lines.append(words["held" if chosen.hold else "at once"])
    for name, listed in (("require", chosen.require), ("refuse", chosen.refuse)):
        if listed:
            told = _run(clipped(_comma(lang).join(listed), _WORDS))
            lines.append(words[name].format(words=told))
    return [_address(of, lang), *map(trusted_text, lines)]


def _health(of: FollowedFeed, lang: UiLanguage, zone: ZoneInfo) -> list[HtmlText]:
    words, health = FEED_WORDS[lang], of.health
    lines = [words["never succeeded"]]
    if health.succeeded_at:
        lines = [words["succeeded"].format(at=_at(health.succeeded_at, lang, zone))]
    lines += _trouble(of, lang, zone)
    if health.a_day is not None:
        lines.append(words["articles a day"].format(count=_rate(health.a_day)))
    counts = {"waiting": health.waiting, "held count": health.held}
    lines += [_count(words[name], count, lang) for name, count in counts.items() if count]
    if of.state is FeedState.ACTIVE:
        lines.append(words["next"].format(at=_at(of.next_at, lang, zone)))
    return [trusted_text(line) for line in lines]


def _trouble(of: FollowedFeed, lang: UiLanguage, zone: ZoneInfo) -> list[str]:
    """Say when a feed failed last; while it fails also why, and what to do."""
    words, health = FEED_WORDS[lang], of.health
    if health.failed_at is None:
        return []
    lines = [words["failed"].format(at=_at(health.failed_at, lang, zone))]
    if of.state is FeedState.GONE:
        return [*lines, words["gone remedy"]]
    if health.failures:
        lines.append(_count(words["failures"], health.failures, lang))
        lines += [f"⚠ {why(health.error, lang)}"] if health.error else []
    return lines


def _address(of: FollowedFeed, lang: UiLanguage) -> HtmlText:
    address = of.found.address
    if len(address) > MAX_URL_LENGTH:
        return text(clipped(address, _NAME * 2))
    shown = clipped(address.partition("://")[2] or address, _NAME * 2)
    return joined(
        [trusted_text(f"{FEED_WORDS[lang]['address']}:"), link(isolated(shown), address)], " "
    )


def _language(tag: str) -> str:
    """Return the name of a language in that language, where the bot speaks it."""
    spoken = UI_LANGUAGES.get(tag.partition("-")[0].lower())
    return UI_LANGUAGE_NAMES[spoken] if spoken else _run(clipped(tag, _NAME))


def _named(words: Mapping[str, str], field: str, value: str | None) -> str:
    if not value:
        return words[f"no {field}"]
    return words[field].format(name=_run(clipped(value, _NAME)))


def _at(at: datetime, lang: UiLanguage, zone: ZoneInfo) -> str:
    return _run(shown_date(at.astimezone(zone), lang))


def _rate(a_day: float) -> str:
    return f"{a_day:.1f}" if 0 < a_day < 10 else f"{a_day:.0f}"


def _count(words: str, count: int, lang: UiLanguage) -> str:
    return words.format(count=shown_number(count, lang))


def _comma(lang: UiLanguage) -> str:
    return "، " if lang == "ar" else ", "


def _run(words: str) -> str:
    return isolated(visible(words))
