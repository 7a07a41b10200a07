"""Who may do what, and for how long an invitation and a draft are good."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.editorial.draft_store import (
    DRAFT_LIFETIME,
    PROMPT_LIFETIME,
    DraftState,
    DraftStore,
    StoredFailure,
)
from bot.editorial.roles import INVITATION_LIFETIME, Role, Roles
from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.invitation_tokens import hash_token
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.rejections import RejectReason
from index.storage import audit_log
from index.storage.database import Database
from tests.fixtures.sample_articles import RAIN, SetClock

OWNER, LAYLA, OMAR = 1, 2, 3
BOT = 7
_Result = TypeVar("_Result")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path)


def within(database: Database, act: Callable[[DatabaseWriter], Awaitable[_Result]]) -> _Result:
    async def run() -> _Result:
        writing = DatabaseWriter(database)
        try:
            return await act(writing)
        finally:
            await writing.close()

    return asyncio.run(run())


def test_an_invitation_is_good_for_an_hour_and_for_one(database: Database, clock: SetClock) -> None:
    async def act(writing: DatabaseWriter) -> None:
        roles = Roles(writing, {OWNER}, clock)
        late = await roles.create_invitation("Nadia")
        clock.now += INVITATION_LIFETIME + timedelta(seconds=1)
        good = await roles.create_invitation("Nadia")
        assert not await roles.accept_invitation(hash_token(late), LAYLA, "Layla")
        assert await roles.accept_invitation(hash_token(good), LAYLA, "Layla")
        assert await roles.accept_invitation(hash_token(good), LAYLA, "Layla")
        assert not await roles.accept_invitation(hash_token(good), OMAR, "Omar")
        assert [await roles.current_role(each) for each in (OWNER, LAYLA, OMAR)] == [
            Role.OWNER,
            Role.ADMIN,
            Role.READER,
        ]
        assert [each.name for each in await roles.list_admins()] == ["Layla"]

    within(database, act)


def test_an_admin_who_was_revoked_elsewhere_is_a_reader_and_their_link_opens_no_more(
    database: Database, clock: SetClock
) -> None:
    async def act(writing: DatabaseWriter) -> None:
        here, elsewhere = Roles(writing, (), clock), Roles(writing, (), clock)
        words = await here.create_invitation("Nadia")
        await here.accept_invitation(hash_token(words), LAYLA, "Layla")
        assert await elsewhere.revoke_admin(LAYLA, "Nadia")
        assert not await elsewhere.revoke_admin(LAYLA, "Nadia")
        assert await here.current_role(LAYLA) is Role.READER
        assert not await here.accept_invitation(hash_token(words), LAYLA, "Layla")
        assert LAYLA not in here

    within(database, act)


def test_invitations_joins_and_revocations_are_logged_and_the_links_words_are_not(
    database: Database, clock: SetClock
) -> None:
    async def act(writing: DatabaseWriter) -> str:
        roles = Roles(writing, (), clock)
        words = await roles.create_invitation("Nadia")
        await roles.accept_invitation(hash_token(words), LAYLA, "Layla")
        await roles.revoke_admin(LAYLA, "Nadia")
        return words

    words = within(database, act)
    with database.read_transaction() as connection:
        entries = audit_log.read_entries(connection)
    assert [(each.actor, each.action) for each in reversed(entries)] == [
        ("Nadia", "invited"),
        ("telegram 2", "joined"),
        ("Nadia", "revoked"),
    ]
    assert words not in str(entries)


def test_a_draft_lasts_a_day_and_is_found_by_the_update_that_brought_it(
    database: Database, clock: SetClock
) -> None:
    brought = ExtractedArticle(text=RAIN, otherwise=())

    async def act(writing: DatabaseWriter) -> None:
        drafts = DraftStore(writing, BOT, clock)
        (kept,) = await drafts.save(11, LAYLA, [brought])
        assert await drafts.save(11, LAYLA, [brought, brought]) == [kept]
        clock.now += DRAFT_LIFETIME
        assert await drafts.find(kept.number, LAYLA) == kept
        clock.now += timedelta(seconds=1)
        assert await drafts.find(kept.number, LAYLA) is None
        assert await drafts.list_by_update(11, LAYLA) == []
        await drafts.delete_expired()
        (other,) = await drafts.save(11, LAYLA, [brought])
        assert other.number > kept.number

    within(database, act)


def test_a_draft_remembers_what_became_of_it(database: Database, clock: SetClock) -> None:
    async def act(writing: DatabaseWriter) -> None:
        drafts = DraftStore(writing, BOT, clock)
        (kept,) = await drafts.save(11, LAYLA, [ExtractedArticle(text=RAIN)])
        await drafts.mark_published(kept.number, "added", "text-1", 5)
        found = await DraftStore(writing, BOT, clock).find(kept.number, LAYLA)
        assert found
        assert (found.state, found.article_id, found.audit_entry_number) == (
            DraftState.PUBLISHED,
            "text-1",
            5,
        )
        await drafts.reopen(kept.number)
        assert await drafts.find(kept.number, LAYLA) == kept

    within(database, act)


def test_what_could_not_be_read_is_told_again_with_its_update_and_is_no_draft(
    database: Database, clock: SetClock
) -> None:
    async def act(writing: DatabaseWriter) -> None:
        drafts = DraftStore(writing, BOT, clock)
        failure = StoredFailure("https://noran.example/", RejectReason.NOT_FOUND)
        (kept,) = await drafts.save(11, LAYLA, [ExtractedArticle(text=RAIN)], [failure])
        assert await drafts.save(11, LAYLA, [], []) == [kept]
        assert await DraftStore(writing, BOT, clock).list_failures(11, LAYLA) == [failure]
        assert await drafts.find(kept.number + 1, LAYLA) is None
        assert await drafts.list_failures(11, OMAR) == []

    within(database, act)


def test_a_draft_is_its_editors_own(database: Database, clock: SetClock) -> None:
    async def act(writing: DatabaseWriter) -> None:
        drafts = DraftStore(writing, BOT, clock)
        (kept,) = await drafts.save(11, LAYLA, [ExtractedArticle(text=RAIN)])
        assert await drafts.find(kept.number, OMAR) is None
        assert await drafts.list_by_update(11, OMAR) == []
        assert await DraftStore(writing, BOT + 1, clock).find(kept.number, LAYLA) is None

    within(database, act)


def test_what_an_editor_is_asked_for_is_answered_by_one_message_and_not_for_ever(
    database: Database, clock: SetClock
) -> None:
    async def act(writing: DatabaseWriter) -> None:
        drafts = DraftStore(writing, BOT, clock)
        await drafts.request_input(LAYLA, "draft", 4, "title")
        assert await drafts.claim_input(LAYLA, 20) == ("draft", 4, "title")
        assert not drafts.is_awaiting_input(LAYLA)
        again = DraftStore(writing, BOT, clock)
        await again.load()
        assert again.is_awaiting_input(LAYLA)
        assert await again.claim_input(LAYLA, 21) is None
        assert await again.claim_input(LAYLA, 20) == ("draft", 4, "title")
        await again.release_input(LAYLA, 20)
        assert await again.claim_input(LAYLA, 21) == ("draft", 4, "title")
        await drafts.request_input(LAYLA, "article", 5, "source")
        await drafts.release_input(LAYLA, 21)
        clock.now += PROMPT_LIFETIME + timedelta(seconds=1)
        assert await drafts.claim_input(LAYLA, 22) is None
        await drafts.request_input(LAYLA, "article", 5, "source")
        await drafts.cancel_input(LAYLA)
        assert not drafts.is_awaiting_input(LAYLA)

    within(database, act)
