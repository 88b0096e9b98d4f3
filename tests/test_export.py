"""The ledger (台帐) as a file that a spreadsheet opens: CSV and XLSX, over HTTP and from the command line."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import openpyxl
import pytest

from bot.app import App
from bot.cases import open_case
from bot.export import PAGE, harmless, headings
from intents.meaning import OpenCase
from tests.conftest import ROOT
from tests.test_api import call

CLAIM = {
    "kind": "claim",
    "status": "offered",
    "waybill": "300100000115",
    "customer": {"name": '=HYPERLINK("http://x")', "phone": "13800138402"},
    "outcome": {"total": "144.00", "rules": ["A.3.2 a", "A.3.2 c"]},
    "history": [{"at": "2026-11-23T09:55:00+08:00", "by": "电话", "what": "客户电话13800138402，要求赔偿"}],
}


async def download(api: aiohttp.ClientSession, query: str) -> bytes:
    async with api.get(f"/api/cases/export?{query}") as response:
        assert response.status == 200, await response.text()
        return await response.read()


def read_csv(file: bytes) -> list[dict[str, str]]:
    assert file.startswith(b"\xef\xbb\xbf"), "without the mark Excel shows Chinese as rubbish"
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline="")))


async def test_csv_has_a_line_a_case_with_sums_articles_and_deadlines(api: aiohttp.ClientSession) -> None:
    await call(api, "POST", "/api/cases", CLAIM)
    await call(api, "POST", "/api/cases", {"kind": "inquiry", "status": "open"})
    [claim, inquiry] = read_csv(await download(api, "format=csv"))
    assert (claim["种类"], claim["状态"], claim["金额（元）"]) == ("理赔", "已出方案", "144.00")
    assert (claim["条款"], claim["登记时间"]) == ("A.3.2 a、A.3.2 c", "2026-11-23 09:55")
    assert (inquiry["种类"], inquiry["时限"], inquiry["是否超时"]) == ("查询", "答复 2026-11-23 10:20", "否")


async def test_no_cell_is_a_formula_and_no_telephone_is_whole(api: aiohttp.ClientSession) -> None:
    await call(api, "POST", "/api/cases", CLAIM)
    file = await download(api, "format=csv")
    [claim] = read_csv(file)
    assert claim["客户"].startswith("'=")
    assert b"13800138402" not in file
    book = openpyxl.load_workbook(io.BytesIO(await download(api, "format=xlsx")))
    heads, values = book.worksheets[0].iter_rows()
    cells = dict(zip([cell.value for cell in heads], values, strict=True))
    assert list(cells) == headings()
    assert (cells["客户"].data_type, cells["金额（元）"].value, cells["运单"].value) == (
        "s",
        144,
        "300100000115",
    )


@pytest.mark.parametrize("text", ["=1+1", "+8613800138000", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_what_a_spreadsheet_takes_for_a_formula_is_disarmed(text: str) -> None:
    assert harmless(text) == f"'{text}"


async def test_a_file_holds_the_cases_asked_for(api: aiohttp.ClientSession) -> None:
    await call(api, "POST", "/api/cases", CLAIM)
    await call(api, "POST", "/api/cases", {"kind": "inquiry", "status": "open"})
    assert [row["种类"] for row in read_csv(await download(api, "kind=inquiry"))] == ["查询"]
    assert read_csv(await download(api, "since=2026-11-24T00:00:00%2B08:00")) == []
    assert len(read_csv(await download(api, "until=2026-11-23T10:00:00%2B08:00"))) == 1
    for wrong in ("format=pdf", "kind=parcel", "until=yesterday"):
        async with api.get(f"/api/cases/export?{wrong}") as response:
            assert response.status == 422
            assert list((await response.json())["errors"]) == [wrong.partition("=")[0]]


async def test_a_ledger_of_many_pages_is_whole(app: App, api: aiohttp.ClientSession) -> None:
    def many(connection: Any) -> None:
        for number in range(PAGE + 1):
            open_case(connection, app.desk.now(), f"web:many-{number}", OpenCase("inquiry", "open", {}))

    await app.store.write(many)
    rows = read_csv(await download(api, "format=csv"))
    assert len({row["编号"] for row in rows}) == len(rows) == PAGE + 1


def test_the_command_writes_a_file(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot", "export", *arguments]
        environment = {"YIDA_DATABASE__URL": f"sqlite:///{tmp_path}/desk.db", "PATH": ""}
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    done = run(f"{tmp_path}/ledger.csv", "--since", "2026-11-01")
    assert (done.returncode, done.stdout) == (0, f"{tmp_path}/ledger.csv: 0 cases\n"), done.stderr
    assert (tmp_path / "ledger.csv").read_text("utf-8-sig").startswith("编号,种类,状态")
    refused = run(f"{tmp_path}/ledger.pdf")
    assert (refused.returncode, "expected a name that ends in .csv or .xlsx" in refused.stderr) == (1, True)
