"""`briefing bot` whose clock is in a file: bot_at_time.py FILE bot.

The archive reads the clock too, so that "yesterday" in a question is the day before.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from bot.app import serve
from bot.logging_setup import configure_logging
from bot.settings import Settings, load_boilerplate, load_gazetteer, load_settings
from index.archive import Archive
from index.clock import Clock
from index.embeddings.embedder import Embedder, load_embedder
from index.embeddings.use_encoder import UniversalSentenceEncoder

_POLL_SECONDS = 0.25
"""The pause between two looks at what is due."""


def load_model(settings: Settings) -> Embedder:
    """Load the embedding model of the settings."""
    return load_embedder(
        settings.embedding.model, settings.model_dir, runtime=settings.embedding.runtime
    )


def open_archive(settings: Settings, folder: Path, clock: Clock, model: Embedder) -> Archive:
    """Open the archive in a folder as the bot does, with a clock."""
    return Archive(
        folder,
        lambda: model,
        UniversalSentenceEncoder,
        zone=settings.zone,
        boilerplate=load_boilerplate(settings.config_dir),
        gazetteer_config=load_gazetteer(settings.config_dir),
        clock=clock,
    )


def main(file: str) -> None:
    """Run the bot until SIGTERM."""

    def clock() -> datetime:
        return datetime.fromisoformat(Path(file).read_text("ascii"))

    settings = load_settings()
    configure_logging(settings.log_level)
    with open_archive(settings, settings.data_dir, clock, load_model(settings)) as archive:
        serve(settings, archive, clock, _POLL_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1])
