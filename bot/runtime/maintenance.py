"""Delete the expired rows of the stores once a day."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from index.errors import StoreError

logger = logging.getLogger(__name__)

_DAY_SECONDS = 86_400


class ExpiringStore(Protocol):
    """A store whose rows expire."""

    async def delete_expired(self) -> None:
        """Delete the rows that have expired."""


async def delete_expired_daily(*stores: ExpiringStore) -> None:
    """Delete the expired rows of all stores, now and once a day, until cancelled."""
    while True:
        try:
            for store in stores:
                await store.delete_expired()
        except StoreError as error:
            logger.warning("Expired rows were not deleted today: %s", error)
        await asyncio.sleep(_DAY_SECONDS)
