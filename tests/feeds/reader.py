"""A process that follows feeds until a day: `python -m tests.feeds.reader ARCHIVE MODELS TIME DAYS`."""

from __future__ import annotations

import asyncio
import os
import sys
import tomllib
import traceback
from datetime import timedelta
from pathlib import Path

import bot.store.writing
from bot.store.writing import Writing
from index.archive import Archive
from index.model.embedder import load_embedder
from index.model.weights import DEFAULT_MODEL
from index.store.database import Database
from index.text.story import BoilerplateRules
from tests.feeds.virtual import START, VirtualTime, keeping
from tests.feeds.world import SharedTime
from tests.town import PROJECT, TRIPOLI


def main() -> None:
    folder, models, shared, days = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    bot.store.writing._PAUSE_SECONDS = 0
    rules = tomllib.loads((PROJECT / "config" / "boilerplate.toml").read_text("utf-8"))
    boilerplate = BoilerplateRules.model_validate(rules)
    watch = SharedTime(Path(shared))
    time = VirtualTime(watch())
    time.moved = watch.set

    class Fatal(list[BaseException]):
        """Ends the process at the first thing that should not happen."""

        def append(self, error: BaseException) -> None:
            traceback.print_exception(error)
            os._exit(1)

    async def follow(archive: Archive) -> None:
        database = Database(folder)
        writing = Writing(database)
        with keeping(archive, writing, time, folder, Fatal()) as keeper:
            await keeper.poller.run(until=START + timedelta(days=int(days)))
        await writing.close()
        database.close()

    with Archive(
        folder,
        lambda: load_embedder(DEFAULT_MODEL, models),
        zone=TRIPOLI,
        boilerplate=boilerplate,
        clock=time,
    ) as archive:
        asyncio.run(follow(archive))


if __name__ == "__main__":
    main()
