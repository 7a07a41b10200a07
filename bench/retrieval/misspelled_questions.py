"""Ask misspelled questions, and Arabic ones in Latin letters, beside the same questions as written.

    python -m bench.retrieval.misspelled_questions $BRIEFING_EVAL_DIR [--cache FILE] [--half 0|1]

Every question of `arcd` is changed by a seeded script, once for each kind of change: hamzas dropped
or misplaced, ة and ه or ى and ي exchanged, a letter doubled, dropped or added, two neighbouring
letters swapped, a space left out, all spaces left out, Eastern digits, everything together, and two
systems of Latin letters: one writes every consonant and long vowel, the other guesses short vowels,
too, and uses digits for the letters that Latin lacks, as in a chat. Prints R@1 for each kind and
the difference from the questions as written.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench.data.evaluation_sets import Question, articles, questions
from bench.retrieval.fit_answerability import Bench
from index.archive import Archive
from index.evaluation import rank_articles

Change = Callable[[str, random.Random], str]
"""Changes a question; the same way for the same seed."""
_ARABIC_WORD = re.compile("[\u0621-\u064a]+")
_EASTERN_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
_LATIN_SPELLINGS = (
    ("ابتثجحخدذرزسشصضطظ", "a b t th j h kh d dh r z s sh s d t z"),
    ("عغفقكلمنهويىةء", "a gh f q k l m n h w y a a a"),
    ("أإآؤئ", "a i a o e"),
)
_LATIN = {
    letter: spelling
    for letters, spellings in _LATIN_SPELLINGS
    for letter, spelling in zip(letters, spellings.split(), strict=True)
}
_CHAT = _LATIN | {"ح": "7", "خ": "5", "ع": "3", "ء": "2", "ط": "6", "و": "ou", "ي": "i", "ق": "9"}
"""A chat's letters: the digits stand for letters that look like them."""
_VOWEL_LETTERS = "اوييىةأإآؤئ"
MIN_LETTERS = 4
"""Shorter words are left as they are."""


def _change_words(question: str, change: Callable[[str], str]) -> str:
    return _ARABIC_WORD.sub(
        lambda match: change(match[0]) if len(match[0]) >= MIN_LETTERS else match[0], question
    )


def change_hamzas(question: str, chance: random.Random) -> str:
    """Drop hamzas, or put one where none belongs."""
    without = question.translate(str.maketrans("أإآؤئ", "اااوي")).replace("ء", "")
    return re.sub(r"\bا(?=\w)", lambda _: chance.choice("اأإ"), without)


def exchange_endings(question: str, chance: random.Random) -> str:
    """Write ه for ة, ي for ى and the other way round."""
    pairs = {"ة": "ه", "ى": "ي", "ه": "ة", "ي": "ى"}
    return re.sub(
        r"[ةىهي]\b",
        lambda match: pairs[match[0]] if match[0] in "ةى" or chance.random() < 0.5 else match[0],
        question,
    )


def double_letter(question: str, chance: random.Random) -> str:
    """Double one letter of every second word."""

    def change(word: str) -> str:
        place = chance.randrange(1, len(word))
        return word[:place] + word[place - 1] + word[place:] if chance.random() < 0.5 else word

    return _change_words(question, change)


def swap_letters(question: str, chance: random.Random) -> str:
    """Swap two neighbouring letters of every second word."""

    def change(word: str) -> str:
        place = chance.randrange(1, len(word) - 1)
        swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        return swapped if chance.random() < 0.5 else word

    return _change_words(question, change)


def drop_or_add_letter(question: str, chance: random.Random) -> str:
    """Drop a letter of every second word, or add one."""

    def change(word: str) -> str:
        place = chance.randrange(1, len(word))
        added = word[:place] + chance.choice(_LETTERS) + word[place:]
        dropped = word[:place] + word[place + 1 :]
        return chance.choice((dropped, added)) if chance.random() < 0.5 else word

    return _change_words(question, change)


def drop_space(question: str, chance: random.Random) -> str:
    """Leave out one space."""
    spaces = [match.start() for match in re.finditer(" ", question)]
    if not spaces:
        return question
    place = chance.choice(spaces)
    return question[:place] + question[place + 1 :]


def drop_all_spaces(question: str, _: random.Random) -> str:
    """Leave out all spaces."""
    return question.replace(" ", "")


def use_eastern_digits(question: str, _: random.Random) -> str:
    """Write ٢٠١٨ for 2018."""
    return question.translate(_EASTERN_DIGITS)


def change_everything(question: str, chance: random.Random) -> str:
    """Change hamzas, endings, digits, and swap or double letters."""
    changed = use_eastern_digits(question, chance)
    for change in (change_hamzas, exchange_endings, chance.choice((swap_letters, double_letter))):
        changed = change(changed, chance)
    return changed


def write_in_latin(question: str, _: random.Random) -> str:
    """Write every consonant and every long vowel in Latin letters."""
    return _to_latin(question, _LATIN)


def write_as_in_chat(question: str, chance: random.Random) -> str:
    """Write in Latin letters and digits, with short vowels guessed between consonants."""

    def add_vowels(match: re.Match[str]) -> str:
        word, written = match[0], ""
        for place, letter in enumerate(word):
            written += _CHAT.get(letter, letter)
            following = word[place + 1 : place + 2]
            is_open = following and letter not in _VOWEL_LETTERS and following not in _VOWEL_LETTERS
            if is_open and word[: place + 1] != "ال" and chance.random() < 0.6:
                written += chance.choice("aaiu")
        return written

    return _to_latin(_ARABIC_WORD.sub(add_vowels, question), _CHAT)


def _to_latin(text: str, letters: dict[str, str]) -> str:
    written = "".join(letters.get(char, char) for char in text)
    return written.replace("؟", "?").replace("،", ",")


CHANGES: dict[str, Change] = {
    "hamzas": change_hamzas,
    "endings": exchange_endings,
    "doubled letters": double_letter,
    "swapped letters": swap_letters,
    "dropped or added letters": drop_or_add_letter,
    "one space less": drop_space,
    "Eastern digits": use_eastern_digits,
    "all of these but the spaces": change_everything,
    "no spaces": drop_all_spaces,
    "Latin letters": write_in_latin,
    "Latin letters of a chat": write_as_in_chat,
}


def first_right(archive: Archive, asked: Sequence[Question], texts: Sequence[str]) -> float:
    """Return the share of questions, worded as in `texts`, whose article is ranked first."""
    found = []
    for question, text in zip(asked, texts, strict=True):
        ranked = rank_articles(archive.ask_with_trace(text).retrieved)
        found.append(ranked[:1] == [question.article_id])
    return 100 * float(np.mean(found))


def main() -> None:
    """Ask and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, help="remember vectors here between runs")
    parser.add_argument("--half", type=int, choices=(0, 1), help="only this half")
    parser.add_argument("--show", type=int, default=0, help="print so many questions of each kind")
    options = parser.parse_args()
    bench = Bench(options.folder, options.cache)
    asked = [
        question
        for question in questions(options.folder, "arcd")
        if question.article_id and options.half in (None, question.half)
    ]
    with bench.archive(articles(options.folder, "arcd")) as archive:
        written = first_right(archive, asked, [question.text for question in asked])
        print("| change | R@1 | difference |\n|---|---|---|")
        print(f"| as written | {written:.1f} | |", flush=True)
        for name, change in CHANGES.items():
            chance = random.Random(name)
            texts = [change(question.text, chance) for question in asked]
            share = first_right(archive, asked, texts)
            print(f"| {name} | {share:.1f} | {share - written:+.1f} |", flush=True)
            for text in texts[: options.show]:
                print(f"    {text} -> {archive.encode_question(text).embedding.text}")
    bench.save()


if __name__ == "__main__":
    main()
