"""The catalogues of messages: complete in every language, and up to date with the code."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from string import Formatter

import pytest
from babel.core import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.i18n.languages import UI_LANGUAGES
from bot.i18n.translations import N_, translator

PROJECT = Path(__file__).parents[4]
LOCALES = PROJECT / "bot" / "i18n" / "locales"
ARABIC_FORMS = ("zero", "one", "two", "few", "many", "other")


def catalogue(lang: str) -> Catalog:
    with (LOCALES / lang / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=lang)


def messages(lang: str) -> list[Message]:
    return [message for message in catalogue(lang) if message.id]


def texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def sources(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def written(folder: Path) -> dict[str, list[str]]:
    return {
        path.relative_to(folder).as_posix(): [
            line for line in path.read_text().splitlines() if "Generated-By: Babel" not in line
        ]
        for path in folder.rglob("*.po")
    }


def test_there_is_a_catalogue_for_every_language_and_no_other() -> None:
    assert {path.name for path in LOCALES.iterdir()} == set(UI_LANGUAGES)


@pytest.mark.parametrize(("lang", "forms"), [("ar", 6), ("fr", 2)])
def test_every_message_has_every_form_with_the_placeholders_of_the_english_text(
    lang: str, forms: int
) -> None:
    found = messages(lang)
    assert len(found) > 300
    for message in found:
        assert len(texts(message)) == (forms if message.pluralizable else 1), message.id
        for text in texts(message):
            assert text.strip(), message.id
            assert placeholders(text) == placeholders(sources(message)[-1]), message.id


def test_french_punctuation_follows_a_narrow_no_break_space() -> None:
    for message in messages("fr"):
        for text in texts(message):
            assert not re.search(r"[ \u00a0][;:!?»]|«[ \u00a0]|\w[;!?»]", text), message.id


@pytest.mark.parametrize("lang", UI_LANGUAGES)
def test_no_message_is_fuzzy_or_obsolete(lang: str) -> None:
    assert not [message.id for message in catalogue(lang) if message.id and message.fuzzy]
    assert not catalogue(lang).obsolete


def test_every_command_in_an_arabic_message_is_isolated_from_right_to_left_text() -> None:
    command = re.compile(r"(?<![\w/<:.])/[a-z]+\b")
    for message in messages("ar"):
        for text in texts(message):
            without_isolated = re.sub("\u2066[^\u2066\u2069]*\u2069", "", text)
            assert not command.findall(without_isolated), message.id


def test_the_english_catalogue_is_left_to_the_texts_in_the_code() -> None:
    assert not any(text for message in messages("en") for text in texts(message))
    for message in messages("en"):
        if message.pluralizable:
            assert len({frozenset(placeholders(text)) for text in message.id}) == 1


@pytest.mark.parametrize("lang", UI_LANGUAGES)
def test_every_message_with_a_placeholder_explains_it(lang: str) -> None:
    for message in messages(lang):
        explained = " ".join(message.auto_comments)
        names = placeholders(sources(message)[-1])
        assert not names or any(f"{{{name}}}" in explained for name in names), message.id


def test_the_catalogues_are_up_to_date_with_the_code(tmp_path: Path) -> None:
    updated = tmp_path / "locales"
    shutil.copytree(LOCALES, updated)
    command = ["sh", "tools/catalogues", sys.executable, str(updated)]
    subprocess.run(command, cwd=PROJECT, check=True, timeout=120)
    assert written(updated) == written(LOCALES), "run `make catalogues` and translate what is new"


NUMBERED = ("No more than {most} topic, please.", "No more than {most} topics, please.")
NUMBERED_IN_ARABIC = next(
    texts(message) for message in messages("ar") if tuple(message.id) == NUMBERED
)


def test_arabic_numbers_take_the_form_that_cldr_gives_them() -> None:
    plural_form = Locale("ar").plural_form
    for number in range(1_250):
        text = translator("ar").ngettext(*NUMBERED, number)
        assert text == NUMBERED_IN_ARABIC[ARABIC_FORMS.index(plural_form(number))]


@pytest.mark.parametrize("lang", UI_LANGUAGES.values())
def test_a_message_that_no_catalogue_has_stays_english(lang: str) -> None:
    assert translator(lang).gettext(N_("no such message")) == "no such message"


def test_one_english_text_has_two_translations_where_its_context_says_so() -> None:
    arabic = translator("ar")
    assert arabic.pgettext("article", "Remove") == "إزالة"
    assert arabic.pgettext("feed", "Remove") == "حذف"
