"""Render the profile of a name: its first and newest sentences, companions and spellings."""

from __future__ import annotations

from collections.abc import Iterable

from bot.answers.views import RenderedAnswer, context_buttons
from bot.i18n.formats import list_separator, number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.research.callbacks import AskedNameCallback, NameCallback, TimelineCallback
from bot.research.views.rows import split_rows
from bot.telegram.message import (
    Button,
    Buttons,
    HtmlText,
    OutgoingMessage,
    bidi_isolate,
    bold,
    join_html,
    plain_text,
    truncate,
    trusted_text,
)
from bot.views.quotes import FindNames, render_article_quotes
from index.models import Quote
from index.research.name_profile import NameProfile
from index.text.gazetteer import GazetteerEntry

_MAX_NAME_UNITS = 120
_MAX_LABEL_LENGTH = 40
_NAMES_PER_ROW = 2
_MAX_NAME_BUTTONS = 6


def render_name_profile(
    profile: NameProfile, lang: UiLanguage, update_id: int, find_names: FindNames
) -> RenderedAnswer:
    """Render the profile of a name that articles mention, with the quotes that fit."""
    _ = translator(lang).gettext
    # Translators: {articles}: a number of articles.
    count_text = _("Articles that mention this name: {articles}").format(
        articles=number_text(profile.article_count, lang)
    )
    heading = [
        bold(plain_text(truncate(profile_title(profile, lang), _MAX_NAME_UNITS))),
        trusted_text(count_text),
    ]
    if profile.entry is None:
        exact = _(
            "This is not a known name. These are the sentences with exactly these "
            "words; they may be about several people."
        )
        transliterated = _(
            "This is not a known name. These are the sentences with the spellings "
            "below; they may be about several people."
        )
        heading.append(trusted_text(transliterated if profile.spellings else exact))
    footer = _footer(profile, lang)
    blocks = [join_html(heading, "\n")]
    count = 0
    for quote in profile.quotes:
        head = _quote_heading(profile, quote, count, lang)
        rendered = render_article_quotes(count + 1, [quote], lang, find_names)
        block = join_html([*head, rendered], "\n")
        if not join_html([*blocks, block, *footer], "\n\n").fits():
            break
        blocks.append(block)
        count += 1
    # Translators: Button. It shows what was published about a name or topic, in order of time.
    label = _("Timeline")
    timeline = Button(label, TimelineCallback(action="timeline", update_id=update_id).pack())
    watch = Button(
        # Translators: Button. It tells the reader of every new article with the name.
        _("Watch this name"),
        AskedNameCallback(action="follow", update_id=update_id).pack(),
    )
    buttons = (
        *context_buttons(count, lang, update_id, first_number=1),
        (watch, timeline),
        *name_buttons(profile.namesakes, lang),
    )
    return RenderedAnswer(OutgoingMessage(join_html([*blocks, *footer], "\n\n"), buttons), count)


def render_unknown_name(profile: NameProfile, lang: UiLanguage, update_id: int) -> OutgoingMessage:
    """Say that no article has a name, or ask whose it is, and offer the nearest known names."""
    _ = translator(lang).gettext
    offered = (*profile.namesakes, *profile.similar)
    name = bidi_isolate(plain_text(truncate(profile.name, _MAX_NAME_UNITS)))
    if profile.namesakes:
        lines = [bold(name)]
    else:
        # Translators: {name}: a name that was asked for.
        lines = [_fill(_("No article in the archive mentions {name}."), "name", name)]
    if offered:
        lines.append(trusted_text(_("Did you mean one of these names?")))
    search = Button(
        # Translators: Button. It asks the archive for what the reader wrote.
        _("Search the archive"),
        AskedNameCallback(action="find", update_id=update_id).pack(),
    )
    return OutgoingMessage(join_html(lines, "\n"), (*name_buttons(offered, lang), (search,)))


def name_buttons(entries: Iterable[GazetteerEntry], lang: UiLanguage) -> Buttons:
    """Return buttons that show the profiles of known names."""
    buttons = [button for entry in entries if (button := _name_button(entry, lang))]
    return split_rows(buttons[:_MAX_NAME_BUTTONS], _NAMES_PER_ROW)


def _name_button(entry: GazetteerEntry, lang: UiLanguage) -> Button | None:
    """Return the button of a name, which carries its first spelling that is short enough."""
    for spelling in (*_spellings(entry, lang), *entry.spellings):
        try:
            packed = NameCallback(name=spelling).pack()
        except ValueError:
            continue
        return Button(truncate(_spellings(entry, lang)[0], _MAX_LABEL_LENGTH), packed)
    return None


def profile_title(profile: NameProfile, lang: UiLanguage) -> str:
    """Return the usual spelling of a known name in a language, and any other name as it is."""
    return _spellings(profile.entry, lang)[0] if profile.entry else profile.name


def _spellings(entry: GazetteerEntry, lang: UiLanguage) -> tuple[str, ...]:
    return {"ar": entry.ar, "en": entry.en, "fr": entry.fr}[lang]


def _quote_heading(
    profile: NameProfile, quote: Quote, index: int, lang: UiLanguage
) -> list[HtmlText]:
    """Return the line above a first mention, and above the first of the newest ones."""
    _ = translator(lang).gettext
    if quote is profile.first:
        return [bold(trusted_text(_("The first mention:")))]
    if quote is profile.office:
        return [bold(trusted_text(_("The first mention with an office:")))]
    if index == len(profile.quotes) - len(profile.newest):
        return [bold(trusted_text(_("The newest mentions:")))]
    return []


def _footer(profile: NameProfile, lang: UiLanguage) -> list[HtmlText]:
    """Return the lines below the quotes: companions and spellings, if there are any."""
    _ = translator(lang).gettext
    separator = list_separator(lang)
    lines = []
    if profile.companions:
        people = [
            bidi_isolate(
                plain_text(
                    f"{_spellings(companion.entry, lang)[0]} "
                    f"({number_text(companion.passage_count, lang)})"
                )
            )
            for companion in profile.companions
        ]
        # Translators: {people}: people with numbers of passages, such as “Salem Darwish (12)”.
        template = _("Named in the same passages: {people}")
        lines.append(_fill(template, "people", join_html(people, separator)))
    if profile.spellings:
        spellings = [bidi_isolate(plain_text(spelling)) for spelling in profile.spellings]
        # Translators: {spellings}: spellings of one name.
        template = _("Spellings in the articles: {spellings}")
        lines.append(_fill(template, "spellings", join_html(spellings, separator)))
    return [join_html(lines, "\n")] if lines else []


def _fill(template: str, placeholder: str, piece: HtmlText) -> HtmlText:
    """Return a text of the bot with a piece of HTML in the place of its one placeholder."""
    before, _, after = template.partition(f"{{{placeholder}}}")
    return join_html([trusted_text(before), piece, trusted_text(after)])
