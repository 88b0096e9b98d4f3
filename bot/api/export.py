"""The ledger as a file to download."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web

from bot.api import paging
from bot.api.cases import STATUSES
from bot.api.problems import invalid
from bot.desk import Desk
from bot.export import FORMATS, Wanted, export

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHUNK = 2**16


class ExportApi:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def get(self, request: web.Request, _: str) -> web.StreamResponse:
        """`format=csv|xlsx`, and `kind`, `status`, `since`, `until` of the cases."""
        format, kind = request.query.get("format", "csv"), request.query.get("kind", "")
        if format not in FORMATS:
            raise invalid("query", {"format": f"one of {', '.join(FORMATS)}"})
        if kind and kind not in STATUSES:
            raise invalid("query", {"kind": f"one of {', '.join(STATUSES)}"})
        until = paging.instant(request, "until")
        wanted = Wanted(kind, request.query.get("status", ""), paging.instant(request, "since"), until)
        with TemporaryDirectory(prefix="yida-export-") as folder:
            path = Path(folder) / f"ledger.{format}"
            await export(self.desk.store, wanted, path, self.desk.zone)
            return await _send(request, path, self._name(format))

    def _name(self, format: str) -> str:
        now: datetime = self.desk.now()
        return f"ledger-{now:%Y%m%d-%H%M}.{format}"


async def _send(request: web.Request, path: Path, name: str) -> web.StreamResponse:
    response = web.StreamResponse()
    response.headers["Content-Type"] = TYPES[path.suffix[1:]]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    await response.prepare(request)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            await response.write(chunk)
    await response.write_eof()
    return response
