"""Recognising copies: how many of them, how many wrongly, and what it costs among 100,000 articles.

`python -m bench.duplicates.recall edits|pairs|scale --data FOLDER` reads FOLDER/arabic-news-2018.

edits   Light edits, which must be told as copies, and changes that make other news, which must not;
        of texts as they are and of their first one or two sentences alone. Each is looked for among
        all articles of its half, by the bands of its signature, as the archive does it.
heads   Pairs of headlines in FOLDER/headline-pairs, one written anew of the other by hand: to say
        the opposite or something else (no copies) or the same (a rewrite, so no copy either).
pairs   Pairs of articles that have much in common. Labels, by rules set before the results were
        seen: `same` are those whose stories have the same words; `alike` where 80 % of the shorter
        and 60 % of the longer stand in whole sentences of both and the figures in all sentences of
        the one are figures of the other; `other` where less than 40 % of the shorter does. What
        lies between is counted, and printed with --show to be judged by eye.
scale   The cost of recognising one article, against that of embedding it.

The limits in index/dedup/near_duplicates.py were chosen on the half called "fit": a hash of the
id tells which.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from bench.duplicates import text_edits
from bot.settings import load_boilerplate, load_settings
from index.dedup.near_duplicates import (
    DedupTokens,
    DuplicateKind,
    classify_duplicate,
    minhash_signature,
    tokenize_story,
)
from index.storage.lsh_bands import MAX_BAND_SIZE, MAX_CANDIDATES
from index.text.boilerplate import find_story_body
from index.text.number_words import is_number_token

RULES = load_boilerplate(load_settings().config_dir)
HALVES = ("fit", "held_out")


class Known(NamedTuple):
    """An article of the set, and what of it is compared."""

    id: str
    title: str
    body: str
    wording: DedupTokens


def dedup_tokens(title: str | None, text: str) -> tuple[str, DedupTokens]:
    body = find_story_body(text, RULES).body.slice(text)
    return body, tokenize_story(title, body)


def half_of(article_id: str) -> str:
    return HALVES[hashlib.md5(article_id.encode()).digest()[0] % 2]


def articles(folder: Path, half: str | None) -> Iterator[dict[str, Any]]:
    with gzip.open(
        folder / "arabic-news-2018" / "articles.jsonl.gz", "rt", encoding="utf-8"
    ) as file:
        for line in file:
            row = json.loads(line)
            if half is None or half_of(row["id"]) == half:
                yield row


class Shelf:
    """Articles found by their bands, as `index.storage.lsh_bands` does it in the database."""

    def __init__(self) -> None:
        self.known: list[Known] = []
        self._bands: dict[int, list[int]] = defaultdict(list)

    def put(self, one: Known) -> None:
        for band in self._signed(one.wording):
            self._bands[band].append(len(self.known))
        self.known.append(one)

    def copies(self, words: DedupTokens) -> dict[int, DuplicateKind]:
        shared: Counter[int] = Counter()
        for band in self._signed(words):
            shared.update(self._bands.get(band, ())[-MAX_BAND_SIZE:])
        candidates = [number for number, _ in shared.most_common(MAX_CANDIDATES)]
        found = {
            number: classify_duplicate(words, self.known[number].wording) for number in candidates
        }
        return {number: how for number, how in found.items() if how}

    @staticmethod
    def _signed(words: DedupTokens) -> list[int]:
        signed = minhash_signature(words.body)
        return [signed.text_hash, *signed.bands] if signed else []


def shelf_of(folder: Path, half: str) -> Shelf:
    shelf = Shelf()
    for row in articles(folder, half):
        body, words = dedup_tokens(row["title"], row["text"])
        shelf.put(Known(row["id"], row["title"], body, words))
    return shelf


def positives(vocabulary: list[str]) -> dict[str, text_edits.Edit]:
    single: dict[str, text_edits.Edit] = {
        "one word changed": text_edits.words_changed(vocabulary, 0),
        "3 % of words changed": text_edits.words_changed(vocabulary, 0.03),
        "6 % of words changed": text_edits.words_changed(vocabulary, 0.06),
        "3 % of words dropped": text_edits.words_dropped(0.03),
        "end cut by up to 10 %": text_edits.end_cut(0.10),
        "end cut by up to 30 %": text_edits.end_cut(0.30),
        "a paragraph dropped": text_edits.paragraph_dropped,
        "«عاجل» before it": text_edits.urgent,
        "a site's line after it": text_edits.line_added,
        "a byline before it": text_edits.byline_added,
        "other punctuation": text_edits.punctuation,
        "other spelling": text_edits.spelling,
        "Arabic digits": text_edits.arabic_digits,
    }
    light = [edit for name, edit in single.items() if name not in _ALONE]
    return {
        **single,
        "two of these": text_edits.together(light, 2),
        "four of these": text_edits.together(light, 4),
        "10 % of words changed": text_edits.words_changed(vocabulary, 0.10),
        "6 % of words dropped": text_edits.words_dropped(0.06),
    }


_ALONE = {"6 % of words changed", "end cut by up to 30 %"}
NEGATIVES: dict[str, text_edits.Edit] = {
    "another number": text_edits.number_changed,
    "another number in words": text_edits.word_number_changed,
    "another date": text_edits.date_changed,
    "another percentage": text_edits.percent_changed,
}
SHORT_POSITIVES = frozenset(
    {
        "«عاجل» before it",
        "other punctuation",
        "other spelling",
        "Arabic digits",
        "one word changed",
        "a site's line after it",
        "a byline before it",
    }
)


def measure_edits(folder: Path, sample: int) -> None:
    for half in HALVES:
        shelf = shelf_of(folder, half)
        chance = random.Random(f"copies {half}")
        vocabulary = sorted(
            {
                word
                for one in chance.sample(shelf.known, 2_000)
                for word in re.findall(r"[^\W\d_]{3,}", one.body)
                if text_edits.is_free(word)
            }
        )
        for kind, least in (("whole texts", 40), ("one or two sentences", 6)):
            short = kind != "whole texts"
            if short:
                shelf = _shortened(shelf, chance)
            picked = [n for n, one in enumerate(shelf.known) if len(one.wording.body) >= least]
            numbers = chance.sample(picked, min(sample, len(picked)))
            print(f"\n{half}: {kind}, {len(numbers)} of {len(shelf.known)}")
            _report(shelf, numbers, vocabulary, chance, short=short)


def _shortened(shelf: Shelf, chance: random.Random) -> Shelf:
    """Return the articles' first sentence or two as texts of their own; each text once."""
    short, seen = Shelf(), set()
    for one in shelf.known:
        sentences = [part for part in re.split(r"(?<=[.!؟])\s+|\n", one.body) if part.strip()]
        text = " ".join(sentences[: chance.choice((1, 2))])
        words = tokenize_story(one.title, text)
        if tuple(words.body) not in seen and len(words.body) <= 60:
            seen.add(tuple(words.body))
            short.put(Known(one.id, one.title, text, words))
    return short


def _report(
    shelf: Shelf, numbers: list[int], vocabulary: list[str], chance: random.Random, *, short: bool
) -> None:
    found_light = all_light = wrong = 0
    for name, edit in positives(vocabulary).items():
        if short and name not in SHORT_POSITIVES:
            continue
        hits, tried = _found(shelf, numbers, edit, chance)
        print(f"  copy      {name:26} found {hits:6} of {tried:6}  {hits / max(tried, 1):.4f}")
        if not name.startswith(("10 %", "6 % of words dropped")):
            found_light, all_light = found_light + hits, all_light + tried
    light = text_edits.together([text_edits.urgent, text_edits.punctuation, text_edits.spelling], 2)
    for name, edit in NEGATIVES.items():
        for also, changed in (("", edit), (", edited too", _both(edit, light))):
            hits, tried = _found(shelf, numbers, changed, chance)
            print(f"  no copy   {name + also:37} called one {hits:4} of {tried:6}")
            wrong += hits
    series = [text_edits.bulletins(chance) for _ in range(len(numbers))]
    pairs = [
        (dedup_tokens(None, one)[1], dedup_tokens(None, other)[1])
        for one, other in series
        if one != other
    ]
    hits = sum(classify_duplicate(one, other) is not None for one, other in pairs)
    print(f"  no copy   {'bulletins of one series':37} called one {hits:4} of {len(pairs):6}")
    wrong += hits
    print(
        f"  light edits: recall {found_light / all_light:.4f} of {all_light}, "
        f"precision {found_light / (found_light + wrong):.4f}"
    )


def _both(first: text_edits.Edit, second: text_edits.Edit) -> text_edits.Edit:
    def edit(text: str, chance: random.Random) -> str | None:
        changed = first(text, chance)
        return changed and (second(changed, chance) or changed)

    return edit


def _found(
    shelf: Shelf, numbers: list[int], edit: text_edits.Edit, chance: random.Random
) -> tuple[int, int]:
    hits = tried = 0
    for number in numbers:
        one = shelf.known[number]
        changed = edit(one.body, chance)
        if changed is None:
            continue
        words = dedup_tokens(one.title, changed)[1]
        tried += 1
        hits += number in shelf.copies(words)
    return hits, tried


def measure_pairs(folder: Path, show: int) -> None:
    for half in HALVES:
        shelf = shelf_of(folder, half)
        table: Counter[tuple[str, str]] = Counter()
        shown = []
        for one, other in _overlapping(shelf):
            label = _label(shelf.known[one], shelf.known[other])
            how = classify_duplicate(shelf.known[one].wording, shelf.known[other].wording)
            candidates = other in shelf.copies(shelf.known[one].wording)
            table[label, how.value if how else "no copy"] += 1
            table[label, "found by its bands"] += bool(how and candidates)
            if label != "same":
                shown.append((label, how, shelf.known[one], shelf.known[other]))
        print(f"\n{half}: {len(shelf.known)} articles")
        for label in ("same", "alike", "between", "other"):
            counts = {name: table[label, name] for name in ("text", "edited", "no copy")}
            print(f"  {label:8} {counts}, found by its bands {table[label, 'found by its bands']}")
        random.Random(1).shuffle(shown)
        for label, how, first, second in shown[:show]:
            print(f"\n[{label}] {how}: {first.id} {second.id}\n{first.body}\n--\n{second.body}")


def _overlapping(shelf: Shelf) -> Iterator[tuple[int, int]]:
    """Give pairs that have a quarter of the shorter's groups of three words in common."""
    groups = [_groups(one.wording.body) for one in shelf.known]
    places: dict[int, list[int]] = defaultdict(list)
    for number, own in enumerate(groups):
        for group in own:
            places[group].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for having in places.values():
        if len(having) <= 30:
            shared.update(
                (one, other) for at, one in enumerate(having) for other in having[at + 1 :]
            )
    for (one, other), count in shared.items():
        if 4 * count >= min(len(groups[one]), len(groups[other])):
            yield one, other


def _groups(words: list[str]) -> set[int]:
    return {hash(tuple(words[at : at + 3])) for at in range(max(1, len(words) - 2))}


def _label(one: Known, other: Known) -> str:
    if one.wording.body == other.wording.body:
        return "same"
    first, second = _sentences(one.body), _sentences(other.body)
    common = sum(map(len, first & second))
    lengths = [sum(map(len, sentences)) or 1 for sentences in (first, second)]
    figures = [
        {word for sentence in sentences for word in sentence if is_number_token(word)}
        for sentences in (first, second)
    ]
    if common >= 0.8 * min(lengths) and common >= 0.6 * max(lengths):
        return "alike" if figures[0] <= figures[1] or figures[1] <= figures[0] else "between"
    return "other" if common < 0.4 * min(lengths) else "between"


@cache
def _sentences(body: str) -> frozenset[tuple[str, ...]]:
    parts = re.split(r"[.!؟?\n]+", body)
    return frozenset(
        tuple(tokenize_story(None, part).body) for part in parts if len(part.split()) > 3
    )


def measure_heads(folder: Path) -> None:
    table: Counter[tuple[str, bool]] = Counter()
    for path in sorted((folder / "headline-pairs").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            pair = json.loads(line)
            how = classify_duplicate(
                tokenize_story(None, pair["s1"]), tokenize_story(None, pair["s2"])
            )
            table[pair["stance"], how is not None] += 1
    for stance in sorted({stance for stance, _ in table}):
        hits, tried = table[stance, True], table[stance, True] + table[stance, False]
        print(f"  {stance:9} called a copy {hits:4} of {tried}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("edits", "heads", "pairs", "scale"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=500, help="texts edited in each way")
    parser.add_argument("--show", type=int, default=0, help="so many pairs are printed")
    parser.add_argument("--scale", type=int, default=100_000, help="articles in the archive")
    given = parser.parse_args()
    if given.what == "edits":
        measure_edits(given.data, given.sample)
    elif given.what == "heads":
        measure_heads(given.data)
    elif given.what == "pairs":
        measure_pairs(given.data, given.show)
    else:
        from bench.duplicates.scale import measure_scale

        measure_scale(given.data, given.scale)


if __name__ == "__main__":
    main()
