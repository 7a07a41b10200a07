"""Adding: what an editor sends becomes drafts; each is looked at, mended, and published or not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from bot.editorial import draft_view as screens
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.draft_store import DraftState, DraftStore, StoredDraft, StoredFailure
from bot.editorial.draft_view import PER_PAGE, DraftPreview, ListRow
from bot.editorial.executors import EditorialExecutors
from bot.editorial.import_request import ImportRequest
from bot.editorial.importer import SourceImporter
from bot.editorial.publisher import Publisher
from bot.i18n.catalogue import UiLanguage, shown_number
from bot.i18n.editorial_strings import DESK
from bot.telegram.message import Button, Buttons, OutgoingMessage, joined, trusted_text
from bot.telegram.reply import Reply
from bot.telegram.updates import Actor
from index.archive import Archive

MAX_FAILURES = 5
"""So many failures of one message are told of."""
May = Callable[[int], Awaitable[bool]]
"""Says whether somebody may edit."""


class DraftHandlers:
    """The way of an article from an editor's message into the archive."""

    def __init__(
        self,
        archive: Archive,
        drafts: DraftStore,
        bringer: SourceImporter,
        lanes: EditorialExecutors,
        may: May,
    ) -> None:
        """`may` says whether somebody is an editor at this moment."""
        self._publishing = Publisher(archive)
        self._may = may
        self._drafts = drafts
        self._bringer = bringer
        self._lanes = lanes

    async def add(
        self,
        update_id: int,
        person: Actor,
        wanted: ImportRequest,
        lang: UiLanguage,
        *,
        at_once: bool,
    ) -> Reply:
        """Read what is wanted and keep it as drafts; `at_once` publishes those that are clear."""
        kept = await self._drafts.of_update(update_id, person.id)
        failed = await self._drafts.failures(update_id, person.id)
        if not (kept or failed):
            haul = await self._bringer.bring(wanted)
            failed = [StoredFailure(each.label, each.refused.refusal) for each in haul.failed]
            kept = await self._drafts.keep(update_id, person.id, haul.stories, failed)
        if at_once:
            kept = [await self._publish_at_once(each) for each in kept]
        if len(kept) == 1 and not failed:
            return Reply(await self.render(kept[0], lang))
        return Reply(await self._batch(kept, lang, update_id, 0, failed))

    async def pressed(
        self, pressed: EditorialCallback, editor: int, lang: UiLanguage
    ) -> Reply | None:
        """Do what a button of a draft, or of several, asks for; each editor's are their own."""
        if pressed.of == "batch":
            return await self._pressed_batch(pressed, editor, lang)
        kept = await self._drafts.draft(pressed.number, editor)
        if kept is None:
            return _edited(OutgoingMessage(trusted_text(DESK[lang]["expired"])))
        if pressed.what in ("title", "source", "published"):
            if kept.state is not DraftState.OPEN:
                return _edited(await self.render(kept, lang))
            await self._drafts.ask_for(kept.editor, "draft", kept.number, pressed.what)
            return _edited(screens.prompt(f"draft:{kept.number}", pressed.what, lang))
        await self._drafts.drop_prompt(kept.editor)
        note = await self._decide(kept, pressed, lang)
        kept = await self._drafts.draft(pressed.number, editor) or kept
        return _edited(await self.render(kept, lang, note))

    async def write(
        self, number: int, changes: dict[str, Any], editor: int, lang: UiLanguage
    ) -> Reply | None:
        """Put what an editor wrote into a draft's fields. Raises `BadInput`."""
        kept = await self._drafts.draft(number, editor)
        if kept is None:
            return Reply(OutgoingMessage(trusted_text(DESK[lang]["expired"])))
        if kept.state is DraftState.OPEN:
            changed = kept.brought.with_(**changes)
            await self._drafts.change(number, changed)
            kept = kept._replace(brought=changed)
        return Reply(await self.render(kept, lang))

    async def render(self, kept: StoredDraft, lang: UiLanguage, note: str = "") -> OutgoingMessage:
        """Return a draft's message as it stands: a preview, or what became of it."""
        words = DESK[lang]
        back = await self._way_back(kept, lang)
        if kept.state is DraftState.OPEN:
            look = await self._lanes.look_up(lambda: self._publishing.preview(kept))
            return screens.preview(look, lang, back)
        proof = await self._lanes.look_up(lambda: self._publishing.proof(kept))
        below: Buttons = ((back,),) if back else ()
        if kept.state is DraftState.DISCARDED:
            return screens.settled(proof, words["discarded"], lang, below)
        if kept.entry is None or note:
            return screens.settled(proof, note or words["unchanged"], lang, below)
        undo = Button(words["undo"], f"draft:{kept.number}:undo")
        return screens.settled(proof, words["published"], lang, ((undo,), *below))

    async def _decide(self, kept: StoredDraft, pressed: EditorialCallback, lang: UiLanguage) -> str:
        """Do what was decided of a draft; return what there is to say of it, beside its state."""
        match pressed.what, kept.state:
            case ("publish" | "keep" | "replace") as how, DraftState.OPEN:
                await self._publish(kept, how, pressed.place)
            case "discard", DraftState.OPEN:
                await self._drafts.discard(kept.number)
            case (("day" | "noday"), DraftState.OPEN):
                await self._choose_day(kept, None if pressed.what == "noday" else pressed.place)
            case "undo", DraftState.PUBLISHED if kept.entry is not None:
                if not await self._lanes.embed(lambda: self._publishing.undo(kept)):
                    return DESK[lang]["too late to undo"]
                await self._drafts.reopen(kept.number)
        return ""

    async def _choose_day(self, kept: StoredDraft, place: int | None) -> None:
        brought = kept.brought
        days = [each for each in (brought.published, *brought.otherwise) if each]
        if place is not None and place >= len(days):
            return
        await self._drafts.change(
            kept.number, brought.with_(published=None if place is None else days[place])
        )

    async def _publish_at_once(self, kept: StoredDraft) -> StoredDraft:
        """Publish a draft, unless it leaves a question."""
        if kept.state is DraftState.OPEN:
            await self._publish(kept, "publish")
        return await self._drafts.draft(kept.number, kept.editor) or kept

    async def _publish(self, kept: StoredDraft, how: str, chosen: int = 0) -> None:
        """Publish a draft; one that has become a copy, or unclear, meanwhile is left open."""
        if not await self._may(kept.editor):
            return
        done = await self._lanes.embed(lambda: self._publishing.publish(kept, how, chosen))
        if done:
            await self._drafts.published(kept.number, *done)

    async def _pressed_batch(
        self, pressed: EditorialCallback, editor: int, lang: UiLanguage
    ) -> Reply:
        kept = await self._drafts.of_update(pressed.number, editor)
        if not kept:
            return _edited(OutgoingMessage(trusted_text(DESK[lang]["expired"])))
        if pressed.what == "all":
            kept = [await self._publish_at_once(each) for each in kept]
        return _edited(await self._batch(kept, lang, pressed.number, pressed.place))

    async def _batch(
        self,
        kept: Sequence[StoredDraft],
        lang: UiLanguage,
        update_id: int,
        page: int,
        failed: Sequence[StoredFailure] = (),
    ) -> OutgoingMessage:
        words = DESK[lang]
        told = [
            screens.said_of_failure(each.label, words[each.refusal], lang)
            for each in failed[:MAX_FAILURES]
        ]
        if len(failed) > MAX_FAILURES:
            told.append(trusted_text(f"+{len(failed) - MAX_FAILURES}"))
        if not kept:
            return OutgoingMessage(joined(told, "\n\n"))
        first = min(page, (len(kept) - 1) // PER_PAGE) * PER_PAGE
        page_of = kept[first : first + PER_PAGE]
        look = self._publishing.preview
        looks = await self._lanes.look_up(lambda: [look(each) for each in page_of])
        lines = [_listed(*each, lang) for each in zip(page_of, looks, strict=True)]
        rows: list[tuple[Button, ...]] = []
        if any(each.state is DraftState.OPEN for each in kept):
            rows.append((Button(words["publish all"], f"batch:{update_id}:all:{page}"),))
        more = first + PER_PAGE < len(kept)
        rows += screens.turns(f"batch:{update_id}:page:{{page}}", first // PER_PAGE, more=more)
        count = shown_number(len(kept), lang)
        head = joined([*told, trusted_text(words["batch"].format(count=count))], "\n\n")
        return screens.listed(head, lines, lang, first=first + 1, buttons=tuple(rows))

    async def _way_back(self, kept: StoredDraft, lang: UiLanguage) -> Button | None:
        """Return the button that leads back to the list, where a draft came with others."""
        others = await self._drafts.of_update(kept.update_id, kept.editor)
        if len(others) < 2:
            return None
        place = [each.number for each in others].index(kept.number) // PER_PAGE
        return Button(DESK[lang]["back"], f"batch:{kept.update_id}:page:{place}")


def _listed(kept: StoredDraft, look: DraftPreview, lang: UiLanguage) -> ListRow:
    words = DESK[lang]
    marks = {
        "mark published": kept.state is DraftState.PUBLISHED,
        "mark discarded": kept.state is DraftState.DISCARDED,
        "mark date": kept.state is DraftState.OPEN and look.asks_for_date,
        "mark copy": kept.state is DraftState.OPEN and bool(look.copies),
    }
    said = tuple(words[mark] for mark, there in marks.items() if there)
    data = f"draft:{kept.number}:show"
    return ListRow(data, look.proof.headline, look.proof.draft, said)


def _edited(screen: OutgoingMessage) -> Reply:
    return Reply(screen, edits=True)
