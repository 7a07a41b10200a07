"""The fitted rule decides what a message is for where the lexicon does not know its words."""

from __future__ import annotations

import pytest

from index.dialogue.intent_rule import IntentRule
from index.dialogue.intents import Intent, detect_intent
from index.embeddings.embedder import Embedder
from index.text.gazetteer import Gazetteer, GazetteerConfig

NO_NAMES = Gazetteer(GazetteerConfig())


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("thank you ever so kindly", Intent.THANKS),
        ("good morning to everybody here", Intent.GREETING),
        ("can you please help me with how to use you", Intent.HELP),
        ("from where does the mayor of Noran get help", Intent.QUESTION),
        ("when does the harbour open", Intent.QUESTION),
        ("thanks to whom did the harbour open", Intent.QUESTION),
        ("rain", Intent.QUESTION),
        ("Noran harbour", Intent.QUESTION),
    ],
)
def test_the_rule_knows_what_the_lexicon_does_not(
    embedder: Embedder, message: str, intent: Intent
) -> None:
    rule = IntentRule.load_for_model(embedder.fingerprint)
    assert rule
    assert detect_intent(message) is Intent.QUESTION
    assert rule.classify(message, embedder.embed_questions([message])[0], NO_NAMES) is intent


def test_a_message_that_names_somebody_and_neither_greets_nor_thanks_is_a_question(
    embedder: Embedder,
) -> None:
    names = GazetteerConfig.model_validate(
        {
            "name": [
                {
                    "kind": "person",
                    "ar": ["كريم زهران"],
                    "en": ["Karim Zahran"],
                    "fr": ["Karim Zahrane"],
                    "seen": ["a test"],
                }
            ]
        }
    )
    rule = IntentRule.load_for_model(embedder.fingerprint)
    assert rule
    message = "that made me laugh so much Karim Zahran"
    vector = embedder.embed_questions([message])[0]
    assert rule.classify(message, vector, NO_NAMES) is not Intent.QUESTION
    assert rule.classify(message, vector, Gazetteer(names)) is Intent.QUESTION


def test_a_model_without_a_fitted_rule_has_none() -> None:
    assert IntentRule.load_for_model("unknown") is None
