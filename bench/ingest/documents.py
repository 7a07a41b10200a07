"""How PDFs of the evaluation are read, and what it costs to read a document in a process apart.

    python -m bench.ingest.documents --pdfs $BRIEFING_EVAL_DIR/hard/pdf

For each PDF with a `.groundtruth.md` beside it: the share of the expected words that were found,
and of the expected pairs of neighbours that were found in their order, after folding. Then the
time of a small page and of a text in this process and in one of its own, and the start of a bare
Python, which the latter cannot do without.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

from index.ingest.documents import DocumentHints, read_document
from index.ingest.sandbox import read_in_sandbox
from index.text.boilerplate import BoilerplateRules
from index.text.normalise import fold

LINES = [
    f"<p>وصل الوفد رقم {number} إلى مرسى النور صباح اليوم في زيارة تستمر ثلاثة أيام.</p>"
    for number in range(30)
]
PAGE = (
    f"<html><head><title>وفد</title></head><body><article>{''.join(LINES)}</article></body></html>"
)


def shares(found: str, expected: str) -> tuple[float, float, float]:
    """Return how much of the expected words and pairs was found, and how much is extra.

    What stands for pictures and boxes in the expected text is no word of it.
    """
    expected = re.sub(r"<!--.*?-->|- \[.\]", "", expected)
    words, wanted = (re.findall(r"\w+", fold(text)) for text in (found, expected))
    common = (Counter(words) & Counter(wanted)).total()
    pairs, wanted_pairs = Counter(pairwise(words)), Counter(pairwise(wanted))
    in_order = (pairs & wanted_pairs).total() / max(1, wanted_pairs.total())
    return common / max(1, len(wanted)), in_order, 1 - common / max(1, len(words))


def median_ms(work: Callable[[], object], times: int) -> float:
    """Return the median time of `work` in milliseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return 1000 * statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pdfs", type=Path, help="a folder of PDFs with their .groundtruth.md")
    parser.add_argument("--times", type=int, default=9, help="how often each time is taken")
    options = parser.parse_args()
    given = DocumentHints(now=datetime.now(UTC), rules=BoilerplateRules())
    for path in sorted(options.pdfs.glob("*.pdf")) if options.pdfs else []:
        story = read_document(path.read_bytes(), given).stories[0]
        expected = path.with_suffix(".groundtruth.md").read_text("utf-8")
        words, pairs, extra = shares(f"{story.title or ''}\n{story.text}", expected)
        print(f"{path.name}: words {words:.3f}, pairs in order {pairs:.3f}, extra {extra:.3f}")
    bare = median_ms(lambda: subprocess.run([sys.executable, "-c", ""], check=True), options.times)
    print(f"a bare Python: {bare:.0f} ms")
    for name, content in (("a text", LINES[0].encode()[3:]), ("a small page", PAGE.encode())):
        read_document(content, given)
        here = median_ms(partial(read_document, content, given), options.times)
        apart = median_ms(partial(read_in_sandbox, content, given), options.times)
        print(f"{name}: {here:.1f} ms here, {apart:.0f} ms apart ({apart / bare:.0f} x bare)")


if __name__ == "__main__":
    main()
