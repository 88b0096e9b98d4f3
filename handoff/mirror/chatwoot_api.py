"""The calls of Chatwoot's API that the mirror makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from handoff.mirror.schedule import read_retry_after
from handoff.mirror.webhook import MOST_READ, SHOWN, TIMEOUT

MARK = "yida"
"""The content attribute that carries our id of a message; one that has it never comes in as a new one."""
PAGES = 20
"""Pages of messages that are looked through for one of ours."""


class Refusal(Exception):
    """Chatwoot did not do it."""

    def __init__(self, error: str, status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(error)
        self.status, self.retry_after = status, retry_after


@dataclass(frozen=True)
class ChatwootApi:
    """`token` is a person's or the administrator's; with `bot_token` our own words are an agent bot's.

    A bot may not read messages, nor touch contacts and labels.
    """

    base_url: str
    account: int
    inbox: int
    token: str
    bot_token: str
    session: ClientSession

    async def contact(self, identifier: str, name: str) -> int:
        """The id of the contact with this identifier, made where there is none."""
        found = await self._call("GET", "contacts/search", query={"q": identifier})
        for each in found.get("payload", ()):
            if each.get("identifier") == identifier:
                return int(each["id"])
        body = {"inbox_id": self.inbox, "name": name, "identifier": identifier}
        made = (await self._call("POST", "contacts", body))["payload"]
        return int(made.get("contact", made)["id"])

    async def conversation(self, contact: int, attributes: Mapping[str, str]) -> int:
        """The number of the contact's conversation in our inbox, made where there is none."""
        found = await self._call("GET", f"contacts/{contact}/conversations")
        mine = [each["id"] for each in found.get("payload", ()) if each.get("inbox_id") == self.inbox]
        if mine:
            return int(max(mine))
        body = {
            "inbox_id": self.inbox,
            "contact_id": contact,
            "status": "open",
            "custom_attributes": dict(attributes),
        }
        return int((await self._call("POST", "conversations", body))["id"])

    async def post(self, number: int, key: str, text: str, *, incoming: bool, private: bool = False) -> int:
        """Add a message that carries our `key`, and return its id."""
        body = {
            "content": text,
            "message_type": "incoming" if incoming else "outgoing",
            "private": private,
            "content_type": "text",
            "content_attributes": {MARK: key},
        }
        # A bot's own words are outgoing; what the customer said is brought in by the person's token.
        made = await self._call("POST", f"conversations/{number}/messages", body, bot=not incoming)
        return int(made["id"])

    async def messages(self, number: int) -> list[tuple[int, str]]:
        """The messages of a conversation: id and our key, which is empty for those of others."""
        found: list[tuple[int, str]] = []
        query: dict[str, str] = {}
        for _ in range(PAGES):
            page = await self._call("GET", f"conversations/{number}/messages", query=query)
            messages: Sequence[Mapping[str, Any]] = page.get("payload", ())
            for each in messages:
                key = (each.get("content_attributes") or {}).get(MARK, "")
                found.append((int(each["id"]), str(key)))
            if not messages:
                break
            query = {"before": str(min(int(each["id"]) for each in messages))}
        return found

    async def status(self, number: int) -> str:
        return str((await self._call("GET", f"conversations/{number}"))["status"])

    async def set_status(self, number: int, status: str) -> None:
        await self._call("POST", f"conversations/{number}/toggle_status", {"status": status}, bot=True)

    async def set_priority(self, number: int, priority: str) -> None:
        await self._call("POST", f"conversations/{number}/toggle_priority", {"priority": priority}, bot=True)

    async def set_attributes(self, number: int, attributes: Mapping[str, str]) -> None:
        """Write custom attributes; Chatwoot keeps only those of the newest call."""
        body = {"custom_attributes": dict(attributes)}
        await self._call("POST", f"conversations/{number}/custom_attributes", body, bot=True)

    async def add_labels(self, number: int, labels: Sequence[str], before: str) -> None:
        """Add labels; of ours (they begin with `before`) only these stay, the agents' own stay all."""
        path = f"conversations/{number}/labels"
        known = (await self._call("GET", path)).get("payload", ())
        theirs = [each for each in known if not str(each).startswith(before)]
        await self._call("POST", path, {"labels": [*theirs, *labels]})

    async def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        bot: bool = False,
    ) -> Any:
        token = self.bot_token if bot and self.bot_token else self.token
        try:
            async with self.session.request(
                method,
                f"{self.base_url}/api/v1/accounts/{self.account}/{path}",
                json=body,
                params=query,
                headers={"api_access_token": token},
                allow_redirects=False,
                timeout=ClientTimeout(total=TIMEOUT),
            ) as response:
                if not 200 <= response.status < 300:
                    said = (await response.content.read(MOST_READ)).decode(errors="replace")
                    wait = read_retry_after(response.headers.get("Retry-After", ""), datetime.now(UTC))
                    raise Refusal(f"{response.status} {said[:SHOWN]}".strip(), response.status, wait)
                return await response.json(content_type=None)
        except TimeoutError:
            raise Refusal(f"no answer within {TIMEOUT:g} s") from None
        except (ClientError, OSError, ValueError) as error:
            raise Refusal(f"{type(error).__name__}: {error}"[:SHOWN]) from None
