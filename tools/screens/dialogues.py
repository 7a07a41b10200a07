"""Scripted dialogues, as the TOML files beside this module hold them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Theme = Literal["light", "dark"]


class _Script(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Participant(_Script):
    """Somebody who writes to the bot."""

    name: str
    language: str | None = None
    """The language of their Telegram."""
    owner: bool = False
    """Whether they own the bot, and may edit its archive."""


class Turn(_Script):
    """What happens next: one of four fields says it."""

    by: str | None = None
    """The name of the participant who does it, by default the first one."""
    say: str | None = None
    """They write a message."""
    press: str | int | None = None
    """They press a button, named by the beginning of its label or its position, from 1."""
    until: AwareDatetime | None = None
    """Time passes until then, and the bot sends something by itself."""
    publish: str | None = None
    """The article with this id is added to the archive at the time of its publication."""
    reply: bool = False
    """Whether the message replies to the bot's last one."""

    @model_validator(mode="after")
    def _check_one_field(self) -> Self:
        fields = (self.say, self.press, self.until, self.publish)
        if sum(field is not None for field in fields) != 1:
            raise ValueError("a turn has one of say, press, until and publish")
        return self


class Dialogue(_Script):
    """A conversation with the bot, private or in a group."""

    name: Annotated[str, Field(pattern=r"[a-z-]+")]
    """The name of its file, without suffix."""
    title: str
    people: Annotated[tuple[Participant, ...], Field(min_length=1)]
    group: str | None = None
    """The title of the group; its first participant is the admin."""
    themes: tuple[Theme, ...] = ("light",)
    """The themes of its pictures."""
    shown: int = 0
    """The number of messages at the end that its pictures show; 0 for all."""
    turns: tuple[Turn, ...]


class Run(_Script):
    """One run of the bot, over the articles published before its start."""

    start: AwareDatetime
    dialogues: Annotated[tuple[Dialogue, ...], Field(alias="dialogue")]


class Script(_Script):
    """A file of dialogues."""

    runs: Annotated[tuple[Run, ...], Field(alias="run")]

    def select(self, name: str) -> Script:
        """Return the script with the dialogue of that name only."""
        runs = [
            run.model_copy(update={"dialogues": (dialogue,)})
            for run in self.runs
            for dialogue in run.dialogues
            if dialogue.name == name
        ]
        return self.model_copy(update={"runs": tuple(runs)})


def read_script(path: Path) -> Script:
    """Read a file of dialogues. Raises `ValidationError`."""
    return Script.model_validate(tomllib.loads(path.read_text("utf-8")))
