"""What is wrong in a file of the courier's, so that every fault can be told at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """`place` is a row and column, or a key; `expected` says what would be right."""

    file: str
    place: str
    expected: str
    found: str = ""

    def __str__(self) -> str:
        found = f", found {self.found!r}" if self.found else ""
        return f"{self.file}: {self.place}: expected {self.expected}{found}"
