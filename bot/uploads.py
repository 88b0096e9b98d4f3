"""Pictures and files of customers: on disk by content hash, named by an id that cannot be guessed."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import filetype
from sqlalchemy import select

from bot.store import Store, tables

MAX_UPLOAD = 10 * 2**20
"""Bytes of one upload (HTTP contract)."""
TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "application/pdf"})
"""What the web chat takes (HTTP contract)."""
MEDIA = TYPES | {"audio/ogg", "audio/mpeg", "audio/m4a", "audio/amr", "video/mp4", "video/quicktime"}
"""What channels take on whose phones people record: a video of the unpacking is evidence."""


class UnknownType(ValueError):
    """The bytes are of no type that is taken."""


@dataclass(frozen=True)
class Upload:
    id: str
    sha256: str
    type: str


class Uploads:
    """No name of a customer's is ever used as a file name."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder

    async def save(self, content: bytes, now: datetime, types: frozenset[str] = TYPES) -> Upload:
        """Keep a file; raises UnknownType where the bytes are of none of these types."""
        kind = filetype.guess_mime(content)
        if kind not in types:
            raise UnknownType(kind)
        upload = Upload(secrets.token_urlsafe(24), hashlib.sha256(content).hexdigest(), kind)
        await asyncio.to_thread(self._write, upload, content)
        values = {"id": upload.id, "sha256": upload.sha256, "type": kind, "size": len(content), "at": now}
        await self.store.write(
            lambda connection: connection.execute(tables.uploads.insert().values(**values)).close()
        )
        return upload

    async def find(self, id: str) -> Upload | None:
        table = tables.uploads
        query = select(table.c.id, table.c.sha256, table.c.type).where(table.c.id == id)
        row = await self.store.read(lambda connection: connection.execute(query).one_or_none())
        return Upload(*row) if row else None

    def path(self, upload: Upload) -> Path:
        return self.folder / upload.sha256[:2] / upload.sha256

    def _write(self, upload: Upload, content: bytes) -> None:
        path = self.path(upload)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            part = path.with_name(f"{path.name}.{upload.id}")
            part.write_bytes(content)
            part.replace(path)
