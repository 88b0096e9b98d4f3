"""The house keeps its shape: imports run one way, words stand in wording files, no file grows too long."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "faq": {"faq"},
    "intents": {"intents", "faq"},
    "handoff": {"handoff"},
    "bot": {"bot", "intents", "faq", "handoff"},
}
IMPURE = {
    "sqlalchemy",
    "aiohttp",
    "asyncio",
    "os",
    "socket",
    "subprocess",
    "time",
    "httpx",
    "requests",
    "telegram",
}
SENTENCE = re.compile(r"[\u4e00-\u9fff]{8,}")
GRAMMAR = re.compile(r"[\[(|\\]|^[零〇幺一二两俩三四五六七八九十百千万亿仨壹贰叁肆伍陆柒捌玖拾佰仟A-Za-z]+$")
"""A pattern or a row of numerals is no sentence."""
FILES = [path for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module.partition(".")[0])
    return modules


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    ours = imported(path) & set(MAY_IMPORT)
    assert ours <= MAY_IMPORT[room(path)]


@pytest.mark.parametrize("name", ["faq", "intents"])
def test_the_pure_rooms_do_no_io(name: str) -> None:
    command_line = ROOT / "intents" / "__main__.py"
    files = [path for path in FILES if room(path) == name and path != command_line]
    impure = {str(path.relative_to(ROOT)): imported(path) & IMPURE for path in files}
    assert {path: found for path, found in impure.items() if found} == {}


@pytest.mark.parametrize("name", ["faq", "intents"])
def test_the_pure_rooms_do_not_read_the_clock(name: str) -> None:
    clocks = re.compile(r"datetime\.now\(|date\.today\(|datetime\.utcnow\(")
    command_line = ROOT / "intents" / "__main__.py"
    files = [path for path in FILES if room(path) == name and path != command_line]
    assert [str(path) for path in files if clocks.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sentences_stand_in_wording_files(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    found = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
        and SENTENCE.search(node.value)
        and not GRAMMAR.search(node.value)
    ]
    assert found == []


def test_every_intent_is_a_folder_with_its_lines_and_its_handler() -> None:
    folders = [path.parent for path in sorted((ROOT / "intents").glob("*/intent.yaml"))]
    lacking = [folder.name for folder in folders if not (folder / "handle.py").exists()]
    assert folders
    assert lacking == []
