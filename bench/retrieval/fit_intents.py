"""Fit the rule that tells what a message is for, and report how well it does.

    python -m bench.retrieval.fit_intents $BRIEFING_EVAL_DIR [--cache FILE] [--write] [--show]

Fitted on the phrases of the lexicon, on one half of `bench/data/questions/intents.jsonl` and on the
same half of all other questions in that folder and in the evaluation sets; reported on the other
half: the share of messages whose intent is right, by intent, by the lexicon alone and with the
rule, and the questions of the sets that are taken for something else. `--write` stores the rule in
`index/dialogue/fitted/`; `--show` prints the wrong ones of the half that is fitted on.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bench.data.evaluation_sets import QUESTIONS, half, questions
from bench.retrieval.fit_answerability import Bench
from bot.settings import load_gazetteer, load_settings
from index.dialogue.intent_rule import FEATURE_SCALE, FITTED, IntentRule
from index.dialogue.intents import (
    Intent,
    detect_intent,
    extract_intent_features,
    lexicon_phrases,
)
from index.text.gazetteer import Gazetteer

QUESTION_SETS = (
    *("arcd", "libya", "seed", "ntrex.ar", "ntrex.en", "ntrex.fr", "xquad.ar-ar", "xquad.en-en"),
    *("typed.libya", "typed.seed", "close.libya", "close.seed", "close.ntrex"),
)
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


def read_messages(part: int) -> list[Message]:
    """Return the labelled messages of one half."""
    lines = map(json.loads, (QUESTIONS / "intents.jsonl").read_text("utf-8").splitlines())
    return [
        Message(line["text"], line["language"], Intent(line["intent"]), LABELLED_WEIGHT)
        for line in lines
        if half(line["text"]) == part
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
    model = LogisticRegression(C=STRENGTH, max_iter=5_000, class_weight="balanced")
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
    gazetteer = Gazetteer(load_gazetteer(load_settings().config_dir))
    phrases = [
        Message(phrase, "", intent, is_in_lexicon=True) for phrase, intent in lexicon_phrases()
    ]
    fitted_on = read_messages(0)
    rule = fit(bench, phrases + fitted_on + read_questions(options.folder, 0))

    def classify(text: str) -> Intent:
        (vector,) = bench.embedder.embed_questions([text])
        return rule.classify(text, vector, gazetteer)

    kept_aside = read_messages(1)
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
