"""Store what readers think of answers, and read it as questions of `briefing eval`."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, delete, insert, select

from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.inbox import AnswerState
from bot.telegram.schema import feedback
from index.clock import Clock
from index.storage.database import Database
from index.storage.row_mapping import format_utc


class Rating(StrEnum):
    """What a reader thinks of an answer."""

    UP = "up"
    DOWN = "down"


class FeedbackRecord(BaseModel):
    """A rating as a question of `briefing eval`: its article, and what the answer quoted."""

    model_config = ConfigDict(frozen=True)

    question: str
    article_id: str | None
    """The article of the first quote of a helpful answer; None if the answer was not helpful."""
    rating: Rating
    quoted: tuple[str, ...]
    """The articles of the quotes, in order."""
    rated_at: datetime


class FeedbackStore:
    """Stores the ratings of one bot's answers."""

    def __init__(self, writer: DatabaseWriter, bot_id: int, clock: Clock) -> None:
        self._write = writer
        self._bot_id = bot_id
        self._clock = clock

    async def rate_answer(
        self, update_id: int, actor_id: int, rating: Rating, answer_state: AnswerState
    ) -> None:
        """Store what a person thinks of an answer; it replaces that person's earlier rating."""
        key = {"bot_id": self._bot_id, "update_id": update_id, "actor_id": actor_id}
        article_ids = list(dict.fromkeys(passage.article_id for passage in answer_state.shown))
        row = {
            **key,
            "rating": rating,
            "question": answer_state.understood or answer_state.question,
            "article_ids": json.dumps(article_ids),
            "rated_at": format_utc(self._clock()),
        }

        def store_rating(connection: Connection) -> None:
            connection.execute(delete(feedback).filter_by(**key))
            connection.execute(insert(feedback), row)

        await self._write(store_rating)

    async def withdraw_rating(self, update_id: int, actor_id: int, rating: Rating) -> None:
        """Delete what a person thinks of an answer, unless that is another rating by now."""
        key = {"bot_id": self._bot_id, "update_id": update_id, "actor_id": actor_id}
        withdrawn = delete(feedback).filter_by(**key, rating=rating)
        await self._write(lambda connection: connection.execute(withdrawn))


def read_feedback(database: Database, rating: Rating | None = None) -> list[FeedbackRecord]:
    """Return the ratings of answers, oldest first: all of them, or those of one kind."""
    query = select(feedback).order_by(feedback.c.rated_at, feedback.c.update_id)
    if rating:
        query = query.where(feedback.c.rating == rating)
    with database.read_transaction() as connection:
        rows = connection.execute(query).all()
    records = []
    for row in rows:
        quoted = json.loads(row.article_ids)
        helpful = quoted and row.rating == Rating.UP
        records.append(
            FeedbackRecord(
                question=row.question,
                article_id=quoted[0] if helpful else None,
                rating=row.rating,
                quoted=quoted,
                rated_at=row.rated_at,
            )
        )
    return records
