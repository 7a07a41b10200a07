"""Archives as they were at some time: each article was added when it was published."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from bench.data import evaluation_sets
from bot.settings import SEEDS, Settings, load_boilerplate
from index.draft_preparation import prepare_draft
from index.embeddings.embedder import Embedder
from index.ingest.text.files import load_draft
from index.models import Draft, to_instant
from tests.fixtures.sample_articles import SetClock
from tools.screens.bot_at_time import load_model, open_archive


class DatedDraft(NamedTuple):
    """An article, and when it was published; that of a day at its end."""

    draft: Draft
    published_at: datetime


class ArchiveBuilder:
    """Builds archives of the articles in `seeds/` and of the evaluation data, if any."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def articles(self) -> dict[str, DatedDraft]:
        """The articles with a date, by id, the oldest first."""
        drafts = [load_draft(path, root=SEEDS) for path in sorted(SEEDS.glob("*.txt"))]
        if folder := os.environ.get("BRIEFING_EVAL_DIR"):
            drafts += evaluation_sets.articles(Path(folder), "libya")
        rules = load_boilerplate(self.settings.config_dir)
        dated = [
            DatedDraft(draft, to_instant(published, self.settings.zone, end_of_day=True))
            for draft in drafts
            if (published := prepare_draft(draft, rules).draft.published)
        ]
        return {each.draft.id: each for each in sorted(dated, key=lambda each: each.published_at)}

    @cached_property
    def _model(self) -> Embedder:
        return load_model(self.settings)

    def build(self, folder: Path, times: Iterable[datetime]) -> dict[datetime, Path]:
        """Build an archive for each time, of what was published before it; return their folders."""
        working_copy = folder / "archive"
        articles = list(self.articles.values())
        copies = {}
        for number, time in enumerate(sorted(set(times))):
            earlier = [article for article in articles if article.published_at < time]
            self.add(working_copy, earlier)
            del articles[: len(earlier)]
            copies[time] = folder / f"archive-{number}"
            shutil.copytree(working_copy, copies[time])
        return copies

    def add(self, folder: Path, articles: Sequence[DatedDraft]) -> None:
        """Add articles to an archive, each at the time of its publication."""
        clock = SetClock()
        with open_archive(self.settings, folder, clock, self._model) as archive:
            for article in articles:
                clock.now = article.published_at
                archive.add(article.draft)
