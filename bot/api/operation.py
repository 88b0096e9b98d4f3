"""One call of the API: what the router serves and what the description tells, in one place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import BaseModel

Handler = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Operation:
    """`path` is aiohttp's; `query` names parameters with their schemas; `body` None takes none.

    `answer` describes an answer in JSON; one of another of the `media` types is a file.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    body: type[BaseModel] | None = None
    body_required: bool = True
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    answer: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    media: Sequence[str] = ("application/json",)
    status: int = 200
    problems: Sequence[int] = ()

    @property
    def subject(self) -> str:
        return self.path.split("/")[2]

    @property
    def scope(self) -> str:
        return f"{self.subject}:{'read' if self.method == 'GET' else 'write'}"
