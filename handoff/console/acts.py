"""What agents do with a conversation: take, answer, note, pass on, give back, settle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy import Connection, update

from handoff import audit, lookup, notes, presence, reading, transfer
from handoff.agents import Agent, NoSuchAgent
from handoff.console import panel_acts
from handoff.console.conversation import UNMASKED
from handoff.console.guard import Refused, agent_of, need
from handoff.console.live import Live
from handoff.console.needs import Desk, Ledger, Talk
from handoff.console.views import find
from handoff.console.wording import words
from handoff.lookup import OPEN, Handoff, NotFound
from handoff.queue import AlreadyTaken, NotOpen, Outdated, Queue
from handoff.tables import handoffs
from handoff.transfer import By, NotAllowed, NotAvailable

T = TypeVar("T")
LONGEST = 2000


class Acts:
    def __init__(self, desk: Desk, queue: Queue, talk: Talk, ledger: Ledger, live: Live) -> None:
        self.desk, self.queue, self.talk, self.ledger, self.live = desk, queue, talk, ledger, live

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/next", self.next),
            web.post("/presence", self.presence),
            web.post("/c/{id}/take", self.take),
            web.post("/c/{id}/take-over", self.take_over),
            web.post("/c/{id}/say", self.say),
            web.post("/c/{id}/picture", self.picture),
            web.post("/c/{id}/note", self.note),
            web.post("/c/{id}/typing", self.typing),
            web.post("/c/{id}/seen", self.seen),
            web.post("/c/{id}/transfer", self.transfer),
            web.post("/c/{id}/return", self.give_back),
            web.post("/c/{id}/resolve", self.resolve),
            web.post("/c/{id}/summary", self.summary),
            web.post("/c/{id}/unmask", self.unmask),
            web.post("/c/{id}/cases/{number}/{step}", self.step),
        ]

    async def next(self, request: web.Request) -> web.Response:
        """The one who is next; an agent may take more than his share."""
        agent, now = agent_of(request), self.desk.now()
        handoff = await self.desk.write(
            lambda connection: self.queue.take_next(connection, now, agent.id, agent.name)
        )
        if handoff is None:
            raise Refused("nobody_waits")
        self.desk.told(handoff.conversation)
        return web.json_response({"id": handoff.id})

    async def presence(self, request: web.Request) -> web.Response:
        """Come, be away, go; a supervisor may say it of another."""
        form, agent, now = await request.post(), agent_of(request), self.desk.now()
        whose, status = str(form.get("agent", "")) or agent.id, str(form.get("status", ""))
        if whose != agent.id:
            need(request, "supervisor")

        def change(connection: Connection) -> list[Handoff]:
            return presence.set_status(self.queue, connection, now, whose, status, by=agent.id)

        try:
            moved = await self.desk.write(change)
        except NoSuchAgent:
            raise Refused("no_agent", 404) from None
        except ValueError:
            raise Refused("presence", 422) from None
        for conversation in {each.conversation for each in moved} or {""}:
            self.desk.told(conversation)
        self.live.say("presence", {"agent": whose, "status": status})
        return web.json_response({"agent": whose, "status": status})

    async def take(self, request: web.Request) -> web.Response:
        def act(connection: Connection, handoff: Handoff, agent: Agent) -> None:
            self.queue.assign(connection, self.desk.now(), handoff.id, agent.id, agent.name)

        return await self._do(request, act)

    async def take_over(self, request: web.Request) -> web.Response:
        """A supervisor goes on with what another agent has."""
        need(request, "supervisor")

        def act(connection: Connection, handoff: Handoff, agent: Agent) -> None:
            by = By(agent.name, agent)
            now = self.desk.now()
            transfer.to_agent(self.queue, connection, now, handoff.id, agent.id, agent.name, by)

        return await self._do(request, act)

    async def say(self, request: web.Request) -> web.Response:
        """A word to the customer; the version tells that the page knew who has the chat."""
        form = await request.post()
        text, version = _text(form), str(form.get("version", ""))

        def act(connection: Connection, handoff: Handoff, agent: Agent) -> None:
            known = int(version) if version.isdecimal() else None
            self.queue.post(connection, self.desk.now(), handoff.id, text, agent.id, agent.name, known)
            self._mark(connection, handoff, agent)

        return await self._do(request, act)

    async def picture(self, request: web.Request) -> web.Response:
        """A picture or PDF to the customer."""
        file = (await request.post()).get("file")
        if not isinstance(file, web.FileField):
            raise Refused("file", 422)
        kept = await self.desk.keep(file.file.read(), Path(file.filename).name[:200])

        def act(connection: Connection, handoff: Handoff, agent: Agent) -> None:
            now, text = self.desk.now(), words()["picture"]
            self.queue.post(
                connection, now, handoff.id, text, agent.id, agent.name, handoff.version, attachments=[kept]
            )

        return await self._do(request, act)

    async def note(self, request: web.Request) -> web.Response:
        """A word to colleagues; a supervisor's to who has the chat is a whisper."""
        text = _text(await request.post())

        def act(connection: Connection, handoff: Handoff, agent: Agent) -> None:
            others = handoff.status == "assigned" and handoff.agent_id != agent.id
            whisper = others and agent.is_at_least("supervisor")
            notes.add(
                connection, self.desk.now(), handoff.conversation, handoff.id, agent, text, whisper=whisper
            )

        return await self._do(request, act, "noted")

    async def typing(self, request: web.Request) -> web.Response:
        """The agent types; the customer sees it only of the one who has the chat."""
        agent = agent_of(request)
        handoff = await self.desk.read(lambda connection: find(connection, request))
        if handoff.status == "assigned" and handoff.agent_id == agent.id:
            self.desk.typing(handoff.conversation, agent.name)
        self.live.typing(handoff.conversation, agent.id, agent.name)
        return web.json_response({})

    async def seen(self, request: web.Request) -> web.Response:
        """The page of the agent who has the chat shows all of it."""
        agent = agent_of(request)

        def act(connection: Connection) -> tuple[Handoff, int]:
            handoff = find(connection, request)
            has_it = handoff.status == "assigned" and handoff.agent_id == agent.id
            return handoff, self._mark(connection, handoff, agent) if has_it else 0

        handoff, last = await self.desk.write(act)
        if last:
            self.desk.seen(handoff.conversation, last)
        return web.json_response({})

    def _mark(self, connection: Connection, handoff: Handoff, agent: Agent) -> int:
        words = self.talk.latest(connection, handoff.conversation, None, 1)
        last = int(words[-1]["id"]) if words else 0
        reading.mark(connection, self.desk.now(), handoff.conversation, agent.id, last)
        return last

    async def transfer(self, request: web.Request) -> web.Response:
        """To a colleague, a skill, or one step up."""
        form = await request.post()
        kind, _, target = str(form.get("to", "")).partition(":")
        note = str(form.get("note", ""))[:LONGEST]

        def act(connection: Connection, handoff: Handoff, agent: Agent) -> None:
            by, now = By(agent.name, agent), self.desk.now()
            if kind == "agent":
                transfer.to_agent(self.queue, connection, now, handoff.id, target, "", by, note)
            elif kind == "skill":
                transfer.to_skill(self.queue, connection, now, handoff.id, target, by, note)
            elif kind == "level":
                transfer.escalate(self.queue, connection, now, handoff.id, by, note)
            else:
                raise Refused("no_target", 422)

        return await self._do(request, act)

    async def give_back(self, request: web.Request) -> web.Response:
        def act(connection: Connection, handoff: Handoff, agent: Agent) -> None:
            _own(handoff, agent)
            self.queue.give_back(connection, self.desk.now(), handoff.id)

        return await self._do(request, act)

    async def resolve(self, request: web.Request) -> web.Response:
        def act(connection: Connection, handoff: Handoff, agent: Agent) -> None:
            _own(handoff, agent)
            self.queue.resolve(connection, self.desk.now(), handoff.id)

        return await self._do(request, act)

    async def summary(self, request: web.Request) -> web.Response:
        """The two lines anew, from what was said until now."""

        def act(connection: Connection, handoff: Handoff, agent: Agent) -> None:
            text = self.talk.summary(connection, handoff.conversation)
            values = {"summary": text, "updated_at": self.desk.now()}
            connection.execute(update(handoffs).where(handoffs.c.id == handoff.id).values(**values))

        await self._do(request, act, "summary")
        handoff = await self.desk.read(lambda connection: find(connection, request))
        return web.json_response({"summary": handoff.summary.splitlines()})

    async def unmask(self, request: web.Request) -> web.Response:
        """Show phones and addresses to this agent for a while; that he looked stands in the audit log."""

        def act(connection: Connection, handoff: Handoff, agent: Agent) -> None:
            detail = {"conversation": handoff.conversation}
            audit.add(connection, self.desk.now(), agent.id, UNMASKED, handoff.id, detail)

        return await self._do(request, act, "")

    async def step(self, request: web.Request) -> web.Response:
        """A step of a case; the customer is told in the chat."""
        form = await request.post()
        number, step = request.match_info["number"], request.match_info["step"]
        text, total = str(form.get("text", "")).strip()[:LONGEST], str(form.get("total", "")).strip()

        def act(connection: Connection, handoff: Handoff, agent: Agent) -> str:
            panel_acts.check(connection, self.ledger, handoff, agent, number, step, text)
            now = self.desk.now()
            conversation = self.ledger.step(connection, now, number, step, agent.name, text, total)
            audit.add(connection, now, agent.id, f"case.{step}", number, {"total": total} if total else {})
            return conversation

        return await self._do(request, act)

    async def _do(
        self, request: web.Request, act: Callable[[Connection, Handoff, Agent], Any], told: str = ""
    ) -> web.Response:
        """Do one thing in one transaction, then wake who waits; what cannot be done is said in a sentence."""
        agent = agent_of(request)

        def run(connection: Connection) -> Handoff:
            handoff = find(connection, request)
            act(connection, handoff, agent)
            return lookup.get(connection, handoff.id)

        handoff = await _refusing(self.desk.write(run))
        self.desk.told(handoff.conversation)
        if told:
            await self.live.tell({handoff.conversation: {told}})
        return web.json_response({"id": handoff.id, "status": handoff.status, "version": handoff.version})


async def _refusing(done: Any) -> Handoff:
    """The queue's refusals as sentences."""
    try:
        handoff: Handoff = await done
    except (AlreadyTaken, Outdated) as error:
        raise Refused("taken", 409, name=_holder(error)) from None
    except NotOpen:
        raise Refused("closed") from None
    except NotAllowed:
        raise Refused("not_allowed", 403) from None
    except NotAvailable:
        raise Refused("not_available") from None
    except NotFound:
        raise Refused("not_found", 404) from None
    return handoff


def _holder(error: Exception) -> str:
    return str(error).rpartition(" with ")[2] if " with " in str(error) else ""


def _own(handoff: Handoff, agent: Agent) -> None:
    """His own chat, or he is a supervisor; what is closed is told by the queue."""
    others = handoff.status in OPEN and handoff.agent_id != agent.id
    if others and not agent.is_at_least("supervisor"):
        raise Refused("not_yours", 403)


def _text(form: Any) -> str:
    text = str(form.get("text", "")).replace("\r\n", "\n").replace("\0", "").strip()[:LONGEST]
    if not text:
        raise Refused("empty", 422)
    return text
