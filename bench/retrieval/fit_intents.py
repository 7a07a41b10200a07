"""Fit the rule that tells what a message is for, and report how well it does.

    python -m bench.retrieval.fit_intents $BRIEFING_EVAL_DIR [--cache FILE] [--write] [--show]

Fitted on the phrases of the lexicon, on `intents-fitting.jsonl` and one half of `intents.jsonl` in
`bench/data/questions/`, and on the same half of all other questions in that folder and in the
evaluation sets. Reported on the other half: the share of messages whose intent is right, by intent,
by the lexicon alone and with the rule, and the questions of the sets that are taken for something
else. `--write` stores the rule in `index/dialogue/fitted/`; `--show` prints the wrong ones of what
it is fitted on.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bench.data.evaluation_sets import QUESTIONS, half, questions
from bench.retrieval.fit_answerability import Bench
from bot.settings import load_gazetteer, load_settings
from index.answering import encode_question
from index.dialogue.intent_rule import FEATURE_SCALE, FITTED, IntentRule
from index.dialogue.intents import (
    Intent,
    detect_intent,
    extract_intent_features,
    lexicon_phrases,
)
from index.questions import InvalidQuestion
from index.text.gazetteer import Gazetteer

QUESTION_SETS = (
    *("arcd", "libya", "seed", "ntrex.ar", "ntrex.en", "ntrex.fr", "xquad.ar-ar", "xquad.en-en"),
    *("typed.libya", "typed.seed", "close.libya", "close.seed", "close.ntrex"),
)
TRIPOLI = ZoneInfo("Africa/Tripoli")
LABELLED_WEIGHT = 3.0
"""What a labelled message counts for, beside a phrase or another question."""
STRENGTH = 30.0
"""The inverse strength of the pull towards small weights (C)."""


class Message(NamedTuple):
    """A message and its label."""

    text: str
    language: str
    intent: Intent
    weight: float = 1.0
    is_in_lexicon: bool = False


class RuleContext(NamedTuple):
    """What interpreting a question needs of an archive, here an empty one with a rule."""

    rule: IntentRule
    gazetteer: Gazetteer

    def correct_spelling(self, question: str) -> None:
        """Leave a question as it is."""

    def find_source(self, question: str) -> None:
        """Find no source."""

    def classify_intent(self, message: str, vector: NDArray[np.float32]) -> Intent:
        """Return what a message with this vector (d,) is for, by the rule."""
        return self.rule.classify(message, vector, self.gazetteer)

    def resolve_follow_up(self, question: str, earlier: Sequence[str], today: date) -> None:
        """Carry nothing over."""


def read_messages(name: str) -> list[Message]:
    """Return the labelled messages of a file."""
    lines = map(json.loads, (QUESTIONS / name).read_text("utf-8").splitlines())
    return [
        Message(line["text"], line["language"], Intent(line["intent"]), LABELLED_WEIGHT)
        for line in lines
    ]


def read_questions(folder: Path, part: int) -> list[Message]:
    """Return the questions of all other sets, of one half."""
    return [
        Message(question.text, question.language, Intent.QUESTION)
        for name in QUESTION_SETS
        for question in questions(folder, name)
        if question.half == part
    ]


def fit(bench: Bench, messages: list[Message]) -> IntentRule:
    """Fit the rule on messages."""
    vectors = bench.embedder.embed_questions([message.text for message in messages])
    mean = vectors.mean(axis=0)
    features = np.array(
        [
            extract_intent_features(message.text, is_in_lexicon=message.is_in_lexicon)
            for message in messages
        ]
    )
    model = LogisticRegression(C=STRENGTH, max_iter=5_000)
    model.fit(
        np.hstack([vectors - mean, FEATURE_SCALE * features]),
        [message.intent.value for message in messages],
        sample_weight=[message.weight for message in messages],
    )
    return IntentRule(
        intents=tuple(map(Intent, model.classes_)),
        mean=_rounded(mean),
        weights=tuple(map(_rounded, model.coef_)),
        biases=_rounded(model.intercept_),
    )


def _rounded(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(value), 5) for value in values)


def report(messages: list[Message], classify: Callable[[str], Intent]) -> dict[str, float]:
    """Return the share of right intents, by intent, by language and of all."""
    right: dict[str, list[bool]] = defaultdict(list)
    for message in messages:
        for group in (message.intent.value, f"all {message.language}", "all"):
            right[group].append(classify(message.text) is message.intent)
    return {group: 100 * float(np.mean(found)) for group, found in sorted(right.items())}


def main() -> None:
    """Fit and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, help="remember vectors here between runs")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", action="store_true", help="print the wrong ones")
    options = parser.parse_args()
    bench = Bench(options.folder, options.cache)
    phrases = [
        Message(phrase, "", intent, is_in_lexicon=True) for phrase, intent in lexicon_phrases()
    ]
    labelled = read_messages("intents.jsonl")
    fitted_on = read_messages("intents-fitting.jsonl")
    fitted_on += [message for message in labelled if half(message.text) == 0]
    rule = fit(bench, phrases + fitted_on + read_questions(options.folder, 0))

    context = RuleContext(rule, Gazetteer(load_gazetteer(load_settings().config_dir)))

    def classify(text: str) -> Intent:
        try:
            return encode_question(text, bench.embedder, TRIPOLI, datetime.now(UTC), context).intent
        except InvalidQuestion:
            return detect_intent(text)

    kept_aside = [message for message in labelled if half(message.text) == 1]
    by_lexicon, by_rule = report(kept_aside, detect_intent), report(kept_aside, classify)
    print(f"| kept aside ({len(kept_aside)}) | by the lexicon | with the rule |\n|---|---|---|")
    for group, share in by_lexicon.items():
        print(f"| {group} | {share:.1f} | {by_rule[group]:.1f} |")
    asked = read_questions(options.folder, 1)
    taken = [message.text for message in asked if classify(message.text) is not Intent.QUESTION]
    print(f"\n{len(taken)} of {len(asked)} questions kept aside taken for something else: {taken}")
    for message in fitted_on if options.show else ():
        if classify(message.text) is not message.intent:
            print(f"    {message.intent} taken for {classify(message.text)}: {message.text}")
    if options.write:
        FITTED.mkdir(exist_ok=True)
        (FITTED / f"{bench.embedder.fingerprint}.json").write_text(rule.model_dump_json() + "\n")
    bench.save()


if __name__ == "__main__":
    main()
