"""Example questions that are drawn from the archive itself."""

from __future__ import annotations

from bot.answers.callbacks import PartCallback
from bot.answers.commands import welcome
from bot.answers.examples import ExampleQuestions
from bot.telegram.callback_data import parse_callback_data
from index.questions import split_questions
from index.text.gazetteer import GazetteerConfig
from tests.fixtures.sample_articles import PORT, SCHOOL, OpenArchive, draft

NAMES = GazetteerConfig.model_validate(
    {
        "name": [
            {
                "kind": kind,
                "ar": [arabic],
                "en": [english],
                "fr": [english],
                "seen": ["a test"],
            }
            for kind, arabic, english in (
                ("place", "نوران", "Noran"),
                ("person", "ليلى حمدان", "Layla Hamdan"),
                ("place", "طرشة", "Tarsha"),
            )
        ]
    }
)


def test_examples_ask_about_names_of_the_archive_and_are_answered_when_tapped(
    open_archive: OpenArchive,
) -> None:
    archive = open_archive(names=NAMES)
    examples = ExampleQuestions(archive)
    assert examples.draw("en") == ()
    archive.add(draft("port", PORT))
    archive.add(draft("school", SCHOOL))
    drawn = examples.draw("en")
    assert set(drawn) <= {"What is new about Layla Hamdan?", "What happened in Noran?"}
    assert drawn
    reply = welcome(drawn, "sub:new", "en", 7, 5)
    assert reply.answer_state
    parts = split_questions(reply.answer_state.question)
    for row, example in zip(reply.message.buttons, drawn, strict=False):
        callback = parse_callback_data(row[0].callback_data or "")
        assert isinstance(callback, PartCallback)
        assert parts[callback.part] == row[0].label == example
        assert archive.ask(example).answered
    assert reply.message.buttons[-1][0].callback_data == "sub:new"
