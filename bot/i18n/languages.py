"""The languages of the bot's messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

UiLanguage = Literal["ar", "en", "fr"]

UI_LANGUAGES: Mapping[str, UiLanguage] = {"ar": "ar", "en": "en", "fr": "fr"}
"""The languages by ISO 639-1 code."""
UI_LANGUAGE_NAMES: Mapping[UiLanguage, str] = {"ar": "العربية", "en": "English", "fr": "Français"}
"""The name of each language in that language."""


def match_ui_language(language: str | None, default: UiLanguage) -> UiLanguage:
    """Return the language that matches a BCP 47 tag by its primary subtag, else `default`."""
    primary_subtag = (language or "").lower().partition("-")[0]
    return UI_LANGUAGES.get(primary_subtag, default)
