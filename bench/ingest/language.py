"""Measure language detection on the evaluation sets, beside py3langid.

    python -m bench.ingest.language $BRIEFING_EVAL_DIR [--wrong]

Each text has the language of its set. The table gives for each set and detector the share of
texts detected right, without a result and wrong, and the mean time per text. The detectors are the
project's own, and, if it is installed (`pip install py3langid`), py3langid for text in Latin
letters: restricted to English, French and their neighbours, at several minimum probabilities.
docs/decisions/language-detection.md has the figures.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from index.text import language

NEIGHBOURS = ("en", "fr", "es", "it", "de", "pt", "nl", "tr")
MIN_PROBABILITIES = (0.0, 0.4, 0.8)
SETS = (
    ("arcd questions", "ar", "arcd/questions.jsonl", "question"),
    *(
        (f"ntrex questions, {code}", code, f"ntrex/questions.{code}.jsonl", "question")
        for code in ("ar", "en", "fr")
    ),
    ("xquad questions, ar", "ar", "xquad-a/questions.ar-ar.jsonl", "question"),
    ("xquad questions, en", "en", "xquad-a/questions.en-en.jsonl", "question"),
    *(
        (f"ntrex articles, {code}", code, f"ntrex/articles.{code}.jsonl", "text")
        for code in ("ar", "en", "fr")
    ),
    ("libya articles", "ar", "libya/articles.jsonl", "text"),
)
NAMES = (
    *("Haftar", "Omar Zed", "Khalifa Haftar", "Aguila Saleh", "Dbeibah", "Tripoli", "Derna"),
    *("Benghazi", "UNSMIL", "Sebha", "Mitiga", "Zawiya", "Misrata", "Saddam Haftar"),
)
"""Names alone: no language."""
FOREIGN = (
    *("Wer ist der Präsident von Libyen?", "Die Wahlen in Libyen wurden verschoben"),
    *("Il presidente della Libia", "La produzione di petrolio", "Migranti soccorsi in mare"),
    *("O presidente da Líbia", "El enviado y los delegados por la tarde"),
    *("Elecciones en Libia", "Wie is de president van Libië?", "Türkiye ve Libya anlaşması"),
)
"""Questions in languages that the archive has no texts in."""

Detector = Callable[[str], str | None]


def read_texts(path: Path, field: str) -> list[str]:
    return [json.loads(line)[field] for line in path.read_text("utf-8").splitlines()]


def detectors() -> Iterator[tuple[str, Detector]]:
    yield "own", language.detect_language
    try:
        from py3langid import langid
    except ImportError:
        return
    model_path = Path(langid.__file__).parent / langid.MODEL_FILE
    identifier = langid.LanguageIdentifier.from_modelpath(model_path, norm_probs=True)
    identifier.set_languages(NEIGHBOURS)
    for min_probability in MIN_PROBABILITIES:
        yield f"py3langid >= {min_probability}", _py3langid_detector(identifier, min_probability)


def _py3langid_detector(identifier: object, min_probability: float) -> Detector:
    def detect(text: str) -> str | None:
        own = language.detect_language(text)
        if own in {"ar", "fa"} or sum(map(str.isascii, filter(str.isalpha, text))) * 2 < len(text):
            return own  # decided by the script
        code, probability = identifier.classify(text[:4_000])  # type: ignore[attr-defined]
        return code if code in {"en", "fr"} and probability >= min_probability else None

    return detect


@cache
def all_detectors() -> tuple[tuple[str, Detector], ...]:
    return tuple(detectors())


def measure(name: str, expected: str | None, texts: list[str], *, show_wrong: bool) -> None:
    for detector_name, detect in all_detectors():
        started = time.perf_counter()
        detected = [detect(text) for text in texts]
        microseconds = 1e6 * (time.perf_counter() - started) / len(texts)
        right = detected.count(expected)
        missing = detected.count(None) if expected else 0
        print(
            f"{name:24}{detector_name:18}{right:5} of {len(texts):4} right, {missing:3} none, "
            f"{len(texts) - right - missing:3} wrong, {microseconds:7.0f} µs"
        )
        if show_wrong:
            for text, code in zip(texts, detected, strict=True):
                if code != expected:
                    print(f"    {code}: {text[:80]!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wrong", action="store_true", help="print the texts detected wrong")
    options = parser.parse_args()
    for name, expected, path, field in SETS:
        texts = read_texts(options.folder / path, field)
        measure(name, expected, texts, show_wrong=options.wrong)
    measure("names alone", None, list(NAMES), show_wrong=options.wrong)
    measure("foreign questions", None, list(FOREIGN), show_wrong=options.wrong)


if __name__ == "__main__":
    main()
