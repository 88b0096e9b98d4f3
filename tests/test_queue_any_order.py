"""Whatever happens in whatever order: no customer is lost, none has two agents, the bot speaks over nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import create_engine, func, select
from sqlalchemy.pool import StaticPool

from bot import deadlines
from bot.app import queue_rules
from bot.config import read_settings
from bot.desk import Desk, Inbound
from bot.ledger import CustomerWords, lock_conversation
from bot.live import Live
from bot.reference import read_knowledge
from bot.store import Store, tables
from faq.service_hours import desk_open
from handoff import agents, assignment, lookup, presence, transfer
from handoff.lookup import Handoff
from handoff.queue import AlreadyTaken, NotOpen, Outdated, Queue
from handoff.tables import events, metadata
from handoff.transfer import By, NotAllowed, NotAvailable
from tests.conftest import ROOT, START

LI, WANG, ZHOU = "AG001", "AG002", "AG003"
PEOPLE = ((LI, "agent", ["理赔"], 1), (WANG, "agent", [], 2), (ZHOU, "supervisor", [], 1))
CUSTOMER = st.sampled_from(["web:a", "web:b", "web:c", "web:d"])
AGENT = st.sampled_from([LI, WANG, ZHOU])
WORDS = st.sampled_from(
    [
        "转人工",
        "你们几点下班",
        "我要寄快递",
        "我要投诉到邮政管理局",
        "阿巴阿巴",
        "不用了",
        "1分",
        "5",
        "没解决",
    ]
)
OWNERS = {"waiting": "queue", "scheduled": "bot", "assigned": "agent"}
ENGINE = create_engine("sqlite://", poolclass=StaticPool)
metadata.create_all(ENGINE)


class Day(RuleBasedStateMachine):
    """The desk as it runs, with four customers and three people, one of them a supervisor."""

    @initialize()
    def start(self) -> None:
        read, _ = read_settings(ROOT / "config.yaml")
        assert read is not None
        knowledge, self.now, self.number = read_knowledge(read)[0], START, 0
        self.queue = Queue(CustomerWords(), lambda at: desk_open(at, knowledge.desk), queue_rules(read))
        no_store = cast(Store, None)
        self.desk = Desk(no_store, knowledge, self.queue, Live(), lambda: self.now)
        self.conn = ENGINE.connect()
        self.open: dict[str, str] = {}
        for id, role, skills, room in PEOPLE:
            agents.add(self.conn, START, id.lower(), id, role, "", skills=skills, capacity=room)

    def teardown(self) -> None:
        self.conn.rollback()
        self.conn.close()

    def held(self, customer: str) -> Handoff | None:
        return lookup.open_for(self.conn, customer)

    def words_of(self, sender: str) -> int:
        query = select(func.count()).select_from(tables.messages).where(tables.messages.c.sender == sender)
        return int(self.conn.execute(query).scalar_one())

    def look(self) -> None:
        """What is open now is open until somebody ends it."""
        found = lookup.list_handoffs(self.conn)
        self.open = {each.conversation: each.id for each in found if each.status in lookup.OPEN}

    @rule(customer=CUSTOMER, text=WORDS)
    def the_customer_writes(self, customer: str, text: str) -> None:
        self.number += 1
        before, said = self.held(customer), self.words_of("bot")
        answer = self.desk.turn(self.conn, Inbound(customer, f"m{self.number}", text))
        after = self.held(customer)
        if before and before.status == "assigned":
            assert (answer.replies, self.words_of("bot"), after) == ((), said, before)
        elif before and text != "不用了":
            assert after
            assert after.id == before.id
        self.look()

    @rule(customer=CUSTOMER, first=AGENT, second=AGENT)
    def two_take_the_same(self, customer: str, first: str, second: str) -> None:
        handoff = self.held(customer)
        if handoff is None:
            return
        had = {handoff.agent_id} - {""}
        for agent in (first, second):
            try:
                had.add(self.queue.assign(self.conn, self.now, handoff.id, agent, agent).agent_id)
            except AlreadyTaken:
                assert agent not in had
        assert len(had) == 1

    @rule(agent=AGENT)
    def takes_the_next(self, agent: str) -> None:
        self.queue.take_next(self.conn, self.now, agent, agent)

    @rule(customer=CUSTOMER, agent=AGENT, late=st.booleans())
    def the_agent_answers(self, customer: str, agent: str, late: bool) -> None:
        handoff, said = self.held(customer), self.words_of("agent")
        if handoff is None:
            return
        version = handoff.version - 1 if late else handoff.version
        try:
            self.queue.post(self.conn, self.now, handoff.id, "您好", agent, agent, version=version)
        except (AlreadyTaken, Outdated):
            assert late or handoff.agent_id not in ("", agent)
            assert self.words_of("agent") == said
        else:
            after = self.held(customer)
            assert after
            assert after.agent_id == agent

    @rule(customer=CUSTOMER, by=AGENT, to=st.sampled_from([LI, WANG, ZHOU, "理赔", "up"]))
    def transfers(self, customer: str, by: str, to: str) -> None:
        handoff = self.held(customer)
        if handoff is None:
            return
        mover = By(by, agents.get(self.conn, by))
        try:
            if to == "up":
                transfer.escalate(self.queue, self.conn, self.now, handoff.id, mover)
            elif to == "理赔":
                transfer.to_skill(self.queue, self.conn, self.now, handoff.id, to, mover)
            else:
                transfer.to_agent(self.queue, self.conn, self.now, handoff.id, to, to, mover)
        except (NotAllowed, NotAvailable):
            assert self.held(customer) == handoff

    @rule(customer=CUSTOMER, how=st.sampled_from(["resolve", "give_back"]))
    def ends(self, customer: str, how: str) -> None:
        handoff = self.held(customer)
        if handoff is None:
            return
        getattr(self.queue, how)(self.conn, self.now, handoff.id)
        del self.open[customer]
        try:
            self.queue.post(self.conn, self.now, handoff.id, "还在吗", ZHOU, ZHOU)
        except NotOpen:
            return
        raise AssertionError("a word after the end")

    @rule(agent=AGENT, status=st.sampled_from(["online", "online", "away", "offline"]))
    def comes_and_goes(self, agent: str, status: str) -> None:
        presence.set_status(self.queue, self.conn, self.now, agent, status)
        if status == "offline":
            assert lookup.of_agent(self.conn, agent) == []

    @rule(seconds=st.sampled_from([20, 120, 400, 30000, 60000]), alive=st.sets(AGENT))
    def time_passes(self, seconds: int, alive: set[str]) -> None:
        self.now += timedelta(seconds=seconds)
        for agent in alive:
            presence.heartbeat(self.conn, self.now, agent)
        self.queue.open_scheduled(self.conn, self.now)
        deadlines._absent(self.conn, self.desk)
        absent = {each.id for each in agents.list_agents(self.conn) if each.status == "offline"}
        rows = [each for agent in absent for each in lookup.of_agent(self.conn, agent)]
        long_ago = self.now - self.queue.rules.away
        assert [each for each in rows if each.assigned_at and each.assigned_at <= long_ago] == []

    @invariant()
    @precondition(lambda self: hasattr(self, "conn"))
    def nobody_is_lost_or_had_by_two(self) -> None:
        found = [each for each in lookup.list_handoffs(self.conn) if each.status in lookup.OPEN]
        assert {each.conversation: each.id for each in found} == self.open
        for name in (row.name for row in self.conn.execute(select(tables.conversations.c.name)).all()):
            row, handoff = lock_conversation(self.conn, self.now, name), self.held(name)
            owner = OWNERS[handoff.status] if handoff else "bot"
            agent = handoff.agent_id if handoff else ""
            assert (row["handled_by"], row["agent"]) == (owner, agent)
            assert row["handoff"] == (handoff.id if handoff else "")

    @invariant()
    @precondition(lambda self: hasattr(self, "conn"))
    def nobody_waits_while_one_who_may_serve_him_has_room(self) -> None:
        for handoff in lookup.list_handoffs(self.conn, "waiting"):
            assert assignment.agent_for(self.conn, handoff) is None

    @invariant()
    @precondition(lambda self: hasattr(self, "conn"))
    def no_event_is_missing_or_doubled(self) -> None:
        table = events.c
        last = select(func.count(), func.max(table.seq)).group_by(table.conversation)
        assert all(count == highest for count, highest in self.conn.execute(last).all())


Day.TestCase.settings = settings(max_examples=25, stateful_step_count=30)
TestDay = Day.TestCase
