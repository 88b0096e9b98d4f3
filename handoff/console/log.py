"""The words of a conversation as a page shows them, notes between them, a line for each new day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from handoff import notes
from handoff.console.needs import Talk
from handoff.console.shown import day_words, hide

SHOWN = 60
"""Words of one page; earlier ones are fetched when they are asked for."""


@dataclass(frozen=True)
class Piece:
    """A piece of a conversation, oldest first."""

    words: list[dict[str, Any]]
    first: int
    """Id of its first word, before which the earlier ones are."""
    earlier: bool


def latest(
    connection: Connection,
    talk: Talk,
    conversation: str,
    plain: bool,
    now: datetime,
    before: int | None = None,
) -> Piece:
    """The last words and the notes between them, or those before an id."""
    found = talk.latest(connection, conversation, before, SHOWN + 1)
    earlier, found = len(found) > SHOWN, found[-SHOWN:]
    said = [_word(each, plain) for each in found]
    start = said[0]["moment"] if earlier and said else None
    end = _moment(talk, connection, conversation, before)
    beside = [
        each
        for each in _notes(connection, conversation, now)
        if (start is None or each["moment"] >= start) and (end is None or each["moment"] < end)
    ]
    return Piece(_dated([*said, *beside], None), found[0]["id"] if found else 0, earlier)


def after(
    connection: Connection, talk: Talk, conversation: str, plain: bool, now: datetime, last: int, note: int
) -> list[dict[str, Any]]:
    """What was said and noted after what a page has."""
    said = [_word(each, plain) for each in talk.after(connection, conversation, last)]
    beside = [each for each in _notes(connection, conversation, now) if each["id"] > note]
    newest = talk.latest(connection, conversation, last + 1, 1)
    day = datetime.fromisoformat(newest[-1]["at"]) if newest else None
    return _dated([*said, *beside], day)


def _moment(talk: Talk, connection: Connection, conversation: str, before: int | None) -> datetime | None:
    if before is None:
        return None
    following = talk.after(connection, conversation, before - 1)
    return datetime.fromisoformat(following[0]["at"]) if following else None


def _word(each: Mapping[str, Any], plain: bool) -> dict[str, Any]:
    moment = datetime.fromisoformat(each["at"])
    files = [
        {**file, "pdf": str(file.get("name", "")).lower().endswith(".pdf")} for file in each["attachments"]
    ]
    return {
        **each,
        "kind": "word",
        "text": hide(each["text"], plain),
        "attachments": [file for file in files if str(file.get("url", "")).startswith("/chat/uploads/")],
        "moment": moment,
        "time": f"{moment:%H:%M}",
    }


def _notes(connection: Connection, conversation: str, now: datetime) -> list[dict[str, Any]]:
    found = []
    for row in notes.read(connection, conversation):
        moment = row["at"].astimezone(now.tzinfo)
        found.append(
            {
                "kind": "note",
                "id": row["id"],
                "name": row["agent_name"],
                "whisper": row["whisper"],
                "text": row["text"],
                "at": moment.isoformat(),
                "moment": moment,
                "time": f"{moment:%H:%M}",
            }
        )
    return found


def _dated(words: Iterable[dict[str, Any]], last: datetime | None) -> list[dict[str, Any]]:
    """In order of time, the first of each day with that day's name."""
    ordered = sorted(words, key=lambda each: (each["moment"], each["kind"] == "note", each["id"]))
    for each in ordered:
        day = each["moment"].date()
        each["day"] = day_words(each["moment"]) if last is None or day != last.date() else ""
        last = each["moment"]
    return ordered
