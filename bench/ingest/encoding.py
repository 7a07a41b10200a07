"""Measure how often text in an old encoding is decoded right, whatever charset was declared.

    python -m bench.ingest.encoding $BRIEFING_EVAL_DIR [--show]

Real Arabic, French and English texts are cut to several lengths, encoded, and decoded with several
declared charsets. A sample is right if every character is. `damaged` samples have one byte more,
0xFF or 0x81, in the middle; only the words around it may be wrong.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from index.ingest.charset import decode, to_printable

LENGTHS = (25, 60, 600, 5_000)
DECLARED = (None, "utf-8", "windows-1256", "iso-8859-1", "iso-8859-6", "gb2312", "shift_jis")
ENCODINGS = {
    "ar": ("utf-8", "cp1256", "iso8859-6"),
    "fr": ("utf-8", "cp1252", "iso8859-15"),
    "en": ("utf-8", "cp1252"),
}


def load_texts(folder: Path) -> dict[str, list[str]]:
    with gzip.open(
        folder / "arabic-news-2018" / "articles.jsonl.gz", "rt", encoding="utf-8"
    ) as lines:
        texts = {"ar": [json.loads(line)["text"] for line in itertools.islice(lines, 150)]}
    for language in ("fr", "en"):
        path = folder / "ntrex" / f"articles.{language}.jsonl"
        texts[language] = [
            json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()[:150]
        ]
    return texts


def encoded_samples(texts: list[str], encoding: str, length: int) -> Iterator[tuple[bytes, str]]:
    """Give the encoded texts that have characters beyond ASCII, each with its expected decoding."""
    for text in texts:
        content = text[:length].encode(encoding, "ignore")
        if not content.isascii():
            yield content, to_printable(content.decode(encoding))


def words_in_common(actual: str, expected: str) -> float:
    wanted = Counter(expected.split())
    return (wanted & Counter(actual.split())).total() / wanted.total()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder of evaluation data")
    parser.add_argument("--show", action="store_true", help="show the samples that are wrong")
    options = parser.parse_args()
    seconds, decoded_bytes = 0.0, 0
    for language, texts in load_texts(options.folder).items():
        for encoding, length in itertools.product(ENCODINGS[language], LENGTHS):
            right = total = damaged_right = 0
            for content, expected in encoded_samples(texts, encoding, length):
                for declared in DECLARED:
                    start = time.perf_counter()
                    actual = decode(content, declared)
                    seconds += time.perf_counter() - start
                    decoded_bytes += len(content)
                    total += 1
                    right += actual == expected
                    if options.show and actual != expected:
                        print(f"    {declared}: {expected!r} read as {actual!r}")
                middle = len(content) // 2
                for byte in (b"\x81", b"\xff"):
                    damaged = content[:middle] + byte + content[middle:]
                    damaged_right += words_in_common(decode(damaged), expected) > 0.7
            print(
                f"{language} {encoding:10} {length:5} characters: {right:4} right of {total:4}; "
                f"damaged {damaged_right:3} of {2 * total // len(DECLARED)}"
            )
    print(f"{decoded_bytes / seconds / 1e6:.2f} MB/s")


if __name__ == "__main__":
    main()
