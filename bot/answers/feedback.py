"""Handle what readers think of answers: the buttons 👍 and 👎, and the same two as reactions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from bot.answers.callbacks import FeedbackCallback
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import N_, translator
from bot.telegram.feedback_store import FeedbackStore, Rating
from bot.telegram.inbox import Inbox, UpdateOutcome
from bot.telegram.reply import Reply, say
from bot.telegram.routing import Queue, Route
from bot.telegram.updates import ButtonEvent, IncomingEvent, IncomingUpdate, ReactionEvent

_RATINGS = {"👍": Rating.UP, "👎": Rating.DOWN}
"""The rating that a reaction gives, by its emoji; others give none."""
_THANKS = N_("Thank you for your rating.")


class FeedbackHandlers:
    """Stores the ratings of answers."""

    def __init__(self, inbox: Inbox, feedback: FeedbackStore) -> None:
        self._inbox = inbox
        self._feedback = feedback

    def find_route(self, event: IncomingEvent) -> Route | None:
        """Return the route of an event that rates an answer.

        A reaction waits for its turn in the chat, so that the last one of several is what stays.
        """
        match event:
            case ButtonEvent(callback=FeedbackCallback() as callback):
                return Route(
                    partial(self._rate_by_button, event, callback),
                    outcome=UpdateOutcome.NOTED,
                    notice=_THANKS,
                )
            case ReactionEvent() if _find_ratings(event.added | event.removed):
                return Route(
                    partial(self._rate_by_reaction, event),
                    Queue.CHAT,
                    outcome=UpdateOutcome.NOTED,
                )
        return None

    async def _rate_by_button(
        self, event: ButtonEvent, callback: FeedbackCallback, *_: object
    ) -> None:
        state = await self._inbox.find_answer_state_of_chat(
            callback.update_id, event.target.chat_id
        )
        if state is not None:
            rating = Rating(callback.action)
            await self._feedback.rate_answer(callback.update_id, event.actor.id, rating, state)

    async def _rate_by_reaction(
        self, event: ReactionEvent, _: IncomingUpdate, lang: UiLanguage
    ) -> Reply | None:
        """Store or withdraw a rating, and give thanks for one in a private chat."""
        update_id = await self._inbox.find_answered_update(event.target.chat_id, event.message_id)
        state = None if update_id is None else await self._inbox.find_answer_state(update_id)
        if update_id is None or state is None or not state.answers_question:
            return None
        added, removed = _find_ratings(event.added), _find_ratings(event.removed)
        if len(added) == 1:
            await self._feedback.rate_answer(update_id, event.actor.id, added[0], state)
            return say(translator(lang).gettext(_THANKS)) if event.target.is_private else None
        for rating in removed:
            await self._feedback.withdraw_rating(update_id, event.actor.id, rating)
        return None


def _find_ratings(emoji: Iterable[str]) -> list[Rating]:
    return [_RATINGS[each] for each in emoji if each in _RATINGS]
