from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from index.embeddings.embedder import Embedder
from tests.fixtures.texts import ALL
from tests.fixtures.torch_process import TorchProcess

TRICKY = [
    "ﻣُﺤَﻤَّﺪ",  # marks after presentation forms
    "ﻵ\u064b",
    "ﷲ ﻻ ﻷ ﷺ ﷽ ﺍﻟﻌﺮﺑﻴﺔ",
    "مُحَمَّدٌ كَاتِبٌ",
    "لـــيـــمـــون",
    "١٢٣٤٥٦٧٨٩٠ ۱۲۳",
    "😀👨‍👩‍👧 🎈 ❤️ test",
    "😀👍🏽🫠🫡 🇱🇾🇱🇾 👩🏿‍🚀🦖🦖",  # a run of characters that no piece has
    "\u202bمرحبا\u202c \u2067x\u2069 \u200f،\u200e",
    "a\u200bb\u200cc\u200dd",
    "cafe\u0301 é ﬁ ½ ™ ㎏ ｱﾞ",
    "آأإٱ ا\u0653 ا\u0654 و\u0654 ي\u0654",
    "  two  spaces \t tab\r\nnewline  end ",
    "\u00a0nbsp\u00a0x\u3000y",
    "«النهر»… ‹a› — –",
    "",
    " ",
    "x" * 500,
]

ARABIC_LETTERS = "".join(map(chr, [*range(0x620, 0x64B), *range(0x671, 0x6D4)]))
MARKS = "".join(map(chr, [*range(0x610, 0x61B), *range(0x64B, 0x660), 0x670, *range(0x6D6, 0x6ED)]))
FORMS = "".join(map(chr, [*range(0xFB50, 0xFE00), *range(0xFE70, 0xFF00)]))
DIGITS = "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹"
EMOJI = "😀🎉🌴👨👩👧❤🏻🏿\ufe0f\u200d"
BIDI = "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069\u200b\u200c\ufeff"
OTHERS = " \t\n،؛؟.,:«»ـabcéÀﬁ"
arabic_soup = st.text(
    st.one_of(*map(st.sampled_from, [ARABIC_LETTERS, MARKS, FORMS, DIGITS, EMOJI, BIDI, OTHERS])),
    max_size=60,
)


@pytest.fixture(scope="module")
def tokenizer(prepared: Path) -> Tokenizer:
    return Tokenizer.from_file(str(prepared / "tokenizer.json"))


@pytest.mark.parametrize("text", [*TRICKY, *ALL])
def test_a_text_has_as_many_tokens_as_in_the_engine(
    tokenizer: Tokenizer, engine: Any, text: str
) -> None:
    counted = len(tokenizer.encode("query: " + text).ids)
    assert counted == engine.token_count(text, is_query=True)


@settings(max_examples=1500)
@given(text=arabic_soup)
def test_any_mixture_of_arabic_has_as_many_tokens_as_in_the_engine(
    tokenizer: Tokenizer, engine: Any, text: str
) -> None:
    counted = len(tokenizer.encode("passage: " + text).ids)
    assert counted == engine.token_count(text, is_query=False)


@settings(max_examples=500)
@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_has_as_many_tokens_as_in_the_engine(
    tokenizer: Tokenizer, engine: Any, text: str
) -> None:
    counted = len(tokenizer.encode("passage: " + text).ids)
    assert counted == engine.token_count(text, is_query=False)


def test_marks_after_presentation_forms_are_kept(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("ﻣُﺤَﻤَّﺪ").ids == tokenizer.encode("مُحَمَّد").ids


@pytest.mark.parametrize("text", [*TRICKY, *ALL, "<s> a </s> <mask><pad>"])
def test_sentence_transformers_tokenizes_as_the_file_does(
    tokenizer: Tokenizer, exact: TorchProcess, text: str
) -> None:
    assert exact.token_ids(text) == tokenizer.encode(text).ids


def test_counting_tokens_leaves_the_prompt_out_and_cuts_nothing(
    tokenizer: Tokenizer, fast: Embedder, exact: Embedder
) -> None:
    text = "نهر الفضة " * 700
    for embedder in (fast, exact):
        assert embedder.count_tokens(text) == len(tokenizer.encode(text).ids) > 1400
        assert embedder.count_tokens("") == 2
