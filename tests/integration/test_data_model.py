"""docs/data-model.md describes every table and column of the database."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Table

import bot.digest.store.schema
import bot.feeds.store.schema
import bot.telegram.schema  # noqa: F401 - its tables are in the same metadata
from index.storage.schema import metadata
from tests.fixtures.sample_articles import PROJECT

PAGE = (PROJECT / "docs" / "data-model.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL))
_COLUMN_ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \|$", re.MULTILINE)


def test_every_table_has_a_section_and_no_other() -> None:
    assert set(SECTIONS) == set(metadata.tables)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_a_section_describes_every_column_in_order_and_no_other(table: Table) -> None:
    assert _COLUMN_ROW.findall(SECTIONS[table.name]) == [column.name for column in table.columns]
