"""The ledger (台帐) as a file for a spreadsheet: CSV with a byte-order mark, or XLSX; telephones masked."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter
import yaml
from sqlalchemy import Connection, select, tuple_

from bot.cases import cases_json
from bot.store import Store, tables
from handoff.summary import masked

FORMATS = ("csv", "xlsx")
PAGE = 500
"""Cases read at a time, so that a large ledger stops nobody."""
LONGEST = 32_767
"""Characters that a cell of a spreadsheet holds."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With these a spreadsheet takes a cell for a formula."""

Cell = str | int | float


@dataclass(frozen=True)
class Wanted:
    """Which cases: empty fields are all; `until` is not included."""

    kind: str = ""
    status: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Sheet(Protocol):
    def add(self, rows: Iterable[Sequence[Cell]]) -> None: ...

    def close(self) -> None: ...


async def export(store: Store, wanted: Wanted, path: Path, zone: tzinfo | None) -> int:
    """Write the cases, oldest first, to a file whose name ends in a format; returns how many."""
    sheet: Sheet = CsvSheet(path) if path.suffix == ".csv" else XlsxSheet(path)
    count, last = 0, ""
    try:
        await asyncio.to_thread(sheet.add, [headings()])
        while cases := await store.read(partial(_page, wanted, last, zone)):
            await asyncio.to_thread(sheet.add, [row(case) for case in cases])
            count += len(cases)
            last = cases[-1]["number"]
    finally:
        await asyncio.to_thread(sheet.close)
    return count


def _page(wanted: Wanted, last: str, zone: tzinfo | None, connection: Connection) -> list[dict[str, Any]]:
    table = tables.cases
    query = select(table.c.number).order_by(table.c.opened_at, table.c.number).limit(PAGE)
    if wanted.kind:
        query = query.where(table.c.kind == wanted.kind)
    if wanted.status:
        query = query.where(table.c.status == wanted.status)
    if wanted.since:
        query = query.where(table.c.opened_at >= wanted.since)
    if wanted.until:
        query = query.where(table.c.opened_at < wanted.until)
    if last:
        opened = select(table.c.opened_at).where(table.c.number == last).scalar_subquery()
        query = query.where(tuple_(table.c.opened_at, table.c.number) > tuple_(opened, last))
    return cases_json(connection, list(connection.execute(query).scalars()), zone)


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return words


def headings() -> list[Cell]:
    return list(_words()["headings"])


def row(case: Mapping[str, Any]) -> list[Cell]:
    """One case as a line of the ledger."""
    words, outcome, customer = _words(), case["outcome"], case["customer"]
    kinds, statuses = words["kinds"], words["statuses"]
    total = outcome.get("offered") or outcome.get("total") or outcome.get("fee")
    due = [_due(each) for each in case["deadlines"]]
    history = [f"{_moment(each['at'])} {each['by']}：{masked(each['what'])}" for each in case["history"]]
    return [
        case["number"],
        kinds.get(case["kind"], case["kind"]),
        statuses.get(case["status"], case["status"]),
        words["priorities"].get(case["priority"], case["priority"]),
        _moment(case["opened_at"]),
        case["waybill"],
        customer.get("name") or "",
        masked(customer.get("phone") or ""),
        case["conversation"].partition(":")[0],
        case["owner"],
        case["contacts"],
        _number(total),
        "、".join(outcome.get("rules") or ()),
        _reason(outcome),
        "\n".join(due),
        words["yes"] if any(each["breached"] for each in case["deadlines"]) else words["no"],
        "\n".join(history),
    ]


def _reason(outcome: Mapping[str, Any]) -> str:
    """In staff's own words where they gave some."""
    if outcome.get("reason_text"):
        return masked(outcome["reason_text"])
    code = outcome.get("reason") or outcome.get("cause") or ""
    return str(_words()["reasons"].get(code, code))


def _due(deadline: Mapping[str, Any]) -> str:
    words = _words()
    name = words["deadlines"].get(deadline["name"], deadline["name"])
    met = f"（{words['met']}{_moment(deadline['met_at'])}）" if deadline["met_at"] else ""
    return f"{name} {_moment(deadline['due'])}{met}"


def _moment(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M}"


def _number(total: Any) -> Cell:
    try:
        return float(total)
    except (TypeError, ValueError):
        return ""


def harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it."""
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.startswith(FORMULA) else cell


class CsvSheet:
    def __init__(self, path: Path) -> None:
        self.file = path.open("w", encoding="utf-8-sig", newline="")
        self.writer = csv.writer(self.file)

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        self.writer.writerows([[_yuan(harmless(cell)) for cell in cells] for cells in rows])

    def close(self) -> None:
        self.file.close()


def _yuan(cell: Cell) -> Cell:
    return f"{cell:.2f}" if isinstance(cell, float) else cell


class XlsxSheet:
    """Each row is written out at once; a text is written as text, never as a formula or a link."""

    def __init__(self, path: Path) -> None:
        self.book = xlsxwriter.Workbook(path, {"constant_memory": True})
        self.sheet = self.book.add_worksheet(_words()["sheet"])
        self.bold, self.money = (
            self.book.add_format(each) for each in ({"bold": True}, {"num_format": "0.00"})
        )
        self.sheet.freeze_panes(1, 1)
        for column, width in enumerate(_words()["widths"]):
            self.sheet.set_column(column, column, width)
        self.rows = 0

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        for cells in rows:
            for column, cell in enumerate(cells):
                self._write(column, cell)
            self.rows += 1

    def _write(self, column: int, cell: Cell) -> None:
        if isinstance(cell, str):
            text = str(harmless(cell))[:LONGEST]
            self.sheet.write_string(self.rows, column, text, None if self.rows else self.bold)
        else:
            self.sheet.write_number(self.rows, column, cell, self.money if isinstance(cell, float) else None)

    def close(self) -> None:
        self.book.close()
