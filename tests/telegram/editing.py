"""An owner, admins and a web site: what the tests of the editor's desk share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from bot.store.roles import invite
from bot.store.tables import drafts
from index.clock import system_clock
from index.store.database import Database
from index.store.tables import articles
from tests.telegram.double.server import Double
from tests.telegram.double.state import Json
from tests.telegram.process import BotProcess, Person

OWNER = 900_001
UNSEEN = dict.fromkeys(map(ord, "\u200e\u200f\u2068\u2069"))
UNKNOWN = "I do not know this command. Write a question, or /help for help."

DAM = (
    "The dam above Noran was opened on Thursday by the minister of water, Karim Belhadj. "
    "He said that it will hold two hundred days of water for the city and its gardens.\n\n"
    "Engineers worked on its wall for six years, through two floods and a strike of the carters. "
    "The old mill in the valley was taken apart stone by stone and stands again above the shore."
)
FERRY = (
    "The ferry Almaza carried its first passengers from Noran to the island of Tarsha on Sunday. "
    "Captain Ilias Durra said that the crossing takes forty minutes when the wind is kind.\n\n"
    "Fares are paid at the harbour office, and children under seven travel with their parents "
    "for nothing. The island had been without a boat since the winter storms broke its pier."
)
MARKET = (
    "افتتح مجلس بلدية نوران سوق السمك الجديد صباح الأربعاء بحضور رئيس البلدية سالم الورداني. "
    "وقال الورداني إن السوق يضم ستين دكاناً وثلاجتين كبيرتين بناهما عمال من المدينة.\n\n"
    "وأضاف أن الصيادين سينتقلون إليه قبل نهاية الشهر، وأن السوق القديم سيصبح حديقة عامة "
    "تطل على الميناء ويزرع فيها الأهالي أشجار الزيتون."
)


@contextmanager
def desk_over(
    news: Path, folder: Path, double: Double, models: Path, **settings: object
) -> Iterator[BotProcess]:
    """A bot with an owner, over a copy of the news, that may fetch pages from this machine."""
    shutil.copytree(news, folder / "archive")
    desk = {"telegram_owners": OWNER, "fetching_allow_loopback": "true"}
    with BotProcess(double, folder, models, **{**desk, **settings}) as running:
        running.wait_ready()
        yield running


def page(title: str, text: str, *, date: str = "", printed: str = "", lang: str = "en") -> str:
    """A page of a newspaper: a menu, the story, and what its site puts around it."""
    story = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
    meta = f'<meta property="article:published_time" content="{date}">' if date else ""
    shown = f'<div class="date">{printed}</div>' if printed else ""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} | The '
        f'Noran Ledger</title><meta property="og:title" content="{title}">'
        f'<meta property="og:site_name" content="The Noran Ledger">{meta}</head><body>'
        '<nav><a href="/">Home</a> <a href="/sport">Sport</a> <a href="/trade">Trade</a></nav>'
        f"<article><h1>{title}</h1>{shown}{story}</article>"
        '<div class="related"><h3>Read also</h3><ul><li><a href="/x">A goat is mayor</a></li>'
        "</ul></div><footer>All rights reserved</footer></body></html>"
    )


def plain(message: Json) -> str:
    """A message's text without the marks of direction."""
    text: str = message["text"].translate(UNSEEN)
    return text


def invited(bot: BotProcess, double: Double, name: str = "Omar") -> Person:
    """Somebody new who opened an invitation."""
    database = Database(bot.archive)
    words = invite(database, "Nadia", system_clock())
    database.close()
    person = Person(double, "en", name)
    assert "You are an editor now" in person.say(f"/start {words}")["text"]
    return person


def held(bot: BotProcess) -> tuple[int, int]:
    """How many articles and open drafts the bot's database holds."""
    database = Database(bot.archive)
    there = select(func.count()).select_from(articles)
    waiting = select(func.count()).select_from(drafts).where(drafts.c.state == "open")
    with database.reading() as connection:
        counts = [connection.scalar(each) or 0 for each in (there, waiting)]
    database.close()
    return counts[0], counts[1]
