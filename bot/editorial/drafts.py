"""Handle drafts: create them from what editors send, and preview, edit, publish or discard them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from bot.editorial import draft_view
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.draft_store import DraftState, DraftStore, StoredDraft, StoredFailure
from bot.editorial.draft_view import PER_PAGE, DraftPreview, ListRow
from bot.editorial.import_request import ImportRequest
from bot.editorial.importer import SourceImporter
from bot.editorial.publisher import Publisher
from bot.editorial.texts import reject_reason_text
from bot.i18n.formats import number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import N_, translator
from bot.runtime.executors import Executors
from bot.telegram.message import Button, Buttons, OutgoingMessage, join_html, trusted_text
from bot.telegram.reply import Reply
from bot.telegram.updates import Actor
from index.archive import Archive

MAX_FAILURES = 5
"""Number of failures of one message that are named."""
_EXPIRED = N_("This draft has expired (after a day). Please send the article again.")
IsEditor = Callable[[int], Awaitable[bool]]
"""Returns whether a user is currently an editor."""


class DraftHandlers:
    """Handles drafts from an editor's message to their publication."""

    def __init__(
        self,
        archive: Archive,
        drafts: DraftStore,
        importer: SourceImporter,
        executors: Executors,
        is_editor: IsEditor,
    ) -> None:
        """Create the handlers; `is_editor` returns whether a user is currently an editor."""
        self._publisher = Publisher(archive)
        self._is_editor = is_editor
        self._drafts = drafts
        self._importer = importer
        self._executors = executors

    async def add(
        self,
        update_id: int,
        actor: Actor,
        request: ImportRequest,
        lang: UiLanguage,
        *,
        publish_immediately: bool,
    ) -> Reply:
        """Import a request, store its articles as drafts and show them.

        `publish_immediately` publishes the drafts that have no open question.
        """
        drafts = await self._drafts.list_by_update(update_id, actor.id)
        failures = await self._drafts.list_failures(update_id, actor.id)
        if not (drafts or failures):
            result = await self._importer.import_sources(request)
            failures = [
                StoredFailure(failure.label, failure.rejection.reason)
                for failure in result.failures
            ]
            drafts = await self._drafts.save(update_id, actor.id, result.stories, failures)
        if publish_immediately:
            drafts = [await self._publish_if_clear(draft) for draft in drafts]
        if len(drafts) == 1 and not failures:
            return Reply(await self.render(drafts[0], lang))
        return Reply(await self._render_batch(drafts, lang, update_id, 0, failures))

    async def handle_callback(
        self, callback: EditorialCallback, editor_id: int, lang: UiLanguage
    ) -> Reply | None:
        """Handle a button of a draft or of a batch; editors reach only their own drafts."""
        if callback.subject == "batch":
            return await self._handle_batch_callback(callback, editor_id, lang)
        draft = await self._drafts.find(callback.number, editor_id)
        if draft is None:
            return _edit_reply(OutgoingMessage(trusted_text(translator(lang).gettext(_EXPIRED))))
        if callback.action in ("title", "source", "published"):
            if draft.state is not DraftState.OPEN:
                return _edit_reply(await self.render(draft, lang))
            await self._drafts.request_input(
                draft.editor_id, "draft", draft.number, callback.action
            )
            return _edit_reply(
                draft_view.render_prompt("draft", draft.number, callback.action, lang)
            )
        await self._drafts.cancel_input(draft.editor_id)
        note = await self._apply_decision(draft, callback, lang)
        draft = await self._drafts.find(callback.number, editor_id) or draft
        return _edit_reply(await self.render(draft, lang, note))

    async def apply_input(
        self, number: int, changes: dict[str, Any], editor_id: int, lang: UiLanguage
    ) -> Reply | None:
        """Apply an editor's input to a draft's fields. Raises `InvalidInputError`."""
        draft = await self._drafts.find(number, editor_id)
        if draft is None:
            return Reply(OutgoingMessage(trusted_text(translator(lang).gettext(_EXPIRED))))
        if draft.state is DraftState.OPEN:
            extracted = draft.extracted.with_changes(**changes)
            await self._drafts.replace_content(number, extracted)
            draft = draft._replace(extracted=extracted)
        return Reply(await self.render(draft, lang))

    async def render(self, draft: StoredDraft, lang: UiLanguage, note: str = "") -> OutgoingMessage:
        """Return the current message of a draft: its preview or its outcome."""
        _ = translator(lang).gettext
        back_button = await self._back_button(draft, lang)
        if draft.state is DraftState.OPEN:
            preview = await self._executors.editor_lookup.run(
                lambda: self._publisher.preview(draft)
            )
            return draft_view.render_preview(preview, lang, back_button)
        prepared = await self._executors.editor_lookup.run(lambda: self._publisher.prepare(draft))
        buttons: Buttons = ((back_button,),) if back_button else ()
        if draft.state is DraftState.DISCARDED:
            return draft_view.render_outcome(prepared, _("The draft was discarded."), lang, buttons)
        if draft.audit_entry_number is None or note:
            return draft_view.render_outcome(
                prepared, note or _("The archive already has it, unchanged."), lang, buttons
            )
        # Translators: Button.
        undo_button = Button(_("Undo"), draft_view.draft_data(draft.number, "undo"))
        return draft_view.render_outcome(prepared, _("Published"), lang, ((undo_button,), *buttons))

    async def _apply_decision(
        self, draft: StoredDraft, callback: EditorialCallback, lang: UiLanguage
    ) -> str:
        """Apply a decision on a draft; return a note for the editor beyond the draft's state."""
        match callback.action, draft.state:
            case ("publish" | "keep" | "replace") as mode, DraftState.OPEN:
                await self._publish(draft, mode, callback.argument)
            case "discard", DraftState.OPEN:
                await self._drafts.mark_discarded(draft.number)
            case (("day" | "noday"), DraftState.OPEN):
                await self._set_date(
                    draft, None if callback.action == "noday" else callback.argument
                )
            case "text", DraftState.OPEN:
                await self._drafts.replace_content(
                    draft.number, draft.extracted.with_changes(hidden=False)
                )
            case "undo", DraftState.PUBLISHED if draft.audit_entry_number is not None:
                if not await self._executors.publishing.run(lambda: self._publisher.undo(draft)):
                    return translator(lang).gettext(
                        "The article has been changed since: this can no longer be undone."
                    )
                await self._drafts.reopen(draft.number)
        return ""

    async def _set_date(self, draft: StoredDraft, index: int | None) -> None:
        extracted = draft.extracted
        dates = [date for date in (extracted.published, *extracted.otherwise) if date]
        if index is not None and index >= len(dates):
            return
        await self._drafts.replace_content(
            draft.number, extracted.with_changes(published=None if index is None else dates[index])
        )

    async def _publish_if_clear(self, draft: StoredDraft) -> StoredDraft:
        """Publish a draft unless it has an open question."""
        if draft.state is DraftState.OPEN:
            await self._publish(draft, "publish")
        return await self._drafts.find(draft.number, draft.editor_id) or draft

    async def _publish(self, draft: StoredDraft, mode: str, replaced_number: int = 0) -> None:
        """Publish a draft; it stays open if it has become a duplicate or unclear."""
        if not await self._is_editor(draft.editor_id):
            return
        result = await self._executors.publishing.run(
            lambda: self._publisher.publish(draft, mode, replaced_number)
        )
        if result:
            await self._drafts.mark_published(draft.number, *result)

    async def _handle_batch_callback(
        self, callback: EditorialCallback, editor_id: int, lang: UiLanguage
    ) -> Reply:
        drafts = await self._drafts.list_by_update(callback.number, editor_id)
        if not drafts:
            return _edit_reply(OutgoingMessage(trusted_text(translator(lang).gettext(_EXPIRED))))
        if callback.action == "all":
            drafts = [await self._publish_if_clear(draft) for draft in drafts]
        return _edit_reply(
            await self._render_batch(drafts, lang, callback.number, callback.argument)
        )

    async def _render_batch(
        self,
        drafts: Sequence[StoredDraft],
        lang: UiLanguage,
        update_id: int,
        page: int,
        failures: Sequence[StoredFailure] = (),
    ) -> OutgoingMessage:
        _ = translator(lang).gettext
        failure_blocks = [
            draft_view.failure_text(failure.label, reject_reason_text(failure.reason, lang), lang)
            for failure in failures[:MAX_FAILURES]
        ]
        if len(failures) > MAX_FAILURES:
            failure_blocks.append(trusted_text(f"+{len(failures) - MAX_FAILURES}"))
        if not drafts:
            return OutgoingMessage(join_html(failure_blocks, "\n\n"))
        first = min(page, (len(drafts) - 1) // PER_PAGE) * PER_PAGE
        page_drafts = drafts[first : first + PER_PAGE]
        preview = self._publisher.preview
        previews = await self._executors.editor_lookup.run(
            lambda: [preview(draft) for draft in page_drafts]
        )
        list_rows = [_list_row(*pair, lang) for pair in zip(page_drafts, previews, strict=True)]
        rows: list[tuple[Button, ...]] = []
        if any(draft.state is DraftState.OPEN for draft in drafts):
            publish_data = _batch_data(update_id, "all", page)
            # Translators: Button.
            rows.append((Button(_("Publish all that are clear"), publish_data),))
        rows += draft_view.page_buttons(
            partial(_batch_data, update_id, "page"),
            first // PER_PAGE,
            has_more=first + PER_PAGE < len(drafts),
        )
        count = number_text(len(drafts), lang)
        header = join_html(
            # Translators: {count}: a number of articles.
            [*failure_blocks, trusted_text(_("Articles: {count}").format(count=count))],
            "\n\n",
        )
        return draft_view.render_list(header, list_rows, lang, first=first + 1, buttons=tuple(rows))

    async def _back_button(self, draft: StoredDraft, lang: UiLanguage) -> Button | None:
        """Return the button back to the batch, if the draft belongs to one."""
        siblings = await self._drafts.list_by_update(draft.update_id, draft.editor_id)
        if len(siblings) < 2:
            return None
        page = [sibling.number for sibling in siblings].index(draft.number) // PER_PAGE
        return Button(translator(lang).gettext("Back"), _batch_data(draft.update_id, "page", page))


def _batch_data(update_id: int, action: str, page: int) -> str:
    return EditorialCallback(subject="batch", number=update_id, action=action, argument=page).pack()


def _list_row(draft: StoredDraft, preview: DraftPreview, lang: UiLanguage) -> ListRow:
    _ = translator(lang).gettext
    marks = (
        (_("published"), draft.state is DraftState.PUBLISHED),
        (_("discarded"), draft.state is DraftState.DISCARDED),
        (_("date?"), draft.state is DraftState.OPEN and preview.needs_date),
        (_("duplicate?"), draft.state is DraftState.OPEN and bool(preview.duplicates)),
        (_("text?"), draft.state is DraftState.OPEN and preview.hidden),
    )
    labels = tuple(mark for mark, applies in marks if applies)
    callback_data = draft_view.draft_data(draft.number, "show")
    return ListRow(callback_data, preview.prepared.headline, preview.prepared.draft, labels)


def _edit_reply(message: OutgoingMessage) -> Reply:
    return Reply(message, edits=True)
