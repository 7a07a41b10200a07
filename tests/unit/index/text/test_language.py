"""Which language a text is in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ingest.text.json_lines import InvalidLine, read_articles
from index.text.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("متى وصل الوفد إلى مرسى النور؟", "ar"),
        ("من هو Omar Zed؟", "ar"),
        ("ﻭﺻﻞ ﺍﻟﻮﻓﺪ", "ar"),
        ("وَصَلَ الوَفْدُ", "ar"),
        ("who met in Port Amal?", "en"),
        ("What happened there?", "en"),
        ("The envoy (المبعوث) left for Port Amal", "en"),
        ("Omar's plan was for the council", "en"),
        ("Quand a lieu le scrutin ?", "fr"),
        ("L'accord d'hier", "fr"),
        ("Où est l’émissaire ?", "fr"),
        ("چه کسی دیروز گفت و گو کرد", "fa"),
        ("وفد کہاں پہنچا ہے", None),
        ("Der Gesandte und die Delegation sind nicht hier", None),
        ("El enviado y los delegados por la tarde", None),
        ("Посланник прибыл", None),
        ("代表团抵达", None),
        ("Omar Zed", None),
        ("2026", None),
        ("😀", None),
        ("", None),
    ],
)
def test_language_of_a_text_is_detected(text: str, language: str | None) -> None:
    assert detect_language(text) == language


@given(st.text())
def test_any_text_has_a_supported_language_or_none(text: str) -> None:
    assert detect_language(text) in {"ar", "en", "fr", "fa", None}


def test_only_the_beginning_of_a_long_text_counts() -> None:
    assert detect_language("قال سالم " * 1_000 + "the minister said that " * 10_000) == "ar"


@pytest.mark.parametrize("language", ["ar", "en", "fr"])
def test_language_of_real_articles_is_detected(evaluation_sets: Path, language: str) -> None:
    for line in read_articles(evaluation_sets / "ntrex" / f"articles.{language}.jsonl"):
        assert not isinstance(line.content, InvalidLine)
        assert detect_language(line.content.text) == language
