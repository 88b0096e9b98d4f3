"""A demo courier's parcels, loaded at the first start."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from bot.config import Settings
from bot.reference import read_demo_shipments
from bot.store import Store, tables


async def load_demo(store: Store, settings: Settings, now: datetime) -> None:
    """Load shipments.json where the table of shipments is still empty."""
    shipments, _ = read_demo_shipments(settings)
    if not shipments:
        return

    def load(connection: Connection) -> None:
        table = tables.shipments
        if connection.execute(select(table.c.waybill).limit(1)).first() is None:
            rows = [{"waybill": key, "data": data, "updated_at": now} for key, data in shipments.items()]
            connection.execute(table.insert(), rows)

    await store.write(load)
