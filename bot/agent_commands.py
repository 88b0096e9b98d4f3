"""`python -m bot agent …`: who may sign in at the console."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any

from bot import clock, staff
from bot.config import Settings
from bot.staff import FirstSignIn
from bot.store.opening import opened
from handoff import agents
from handoff import staff as people
from handoff.agents import CAPACITY, ROLES, LoginTaken, NoSuchAgent


def add_parser(commands: Any, config: argparse.ArgumentParser) -> None:
    """The arguments of the commands."""
    agent = commands.add_parser("agent", help="people who answer at the console")
    actions = agent.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", parents=[config], help="add one and print the first password")
    add.add_argument("login", help="2 to 32 of a-z 0-9 . _ -")
    add.add_argument("--name", help="what customers read; the login where none is given")
    add.add_argument("--role", choices=ROLES, default="agent", help="专员, 主管, 经理; default: agent")
    add.add_argument("--skill", action="append", default=[], help="may be given several times")
    add.add_argument("--capacity", type=int, default=CAPACITY, help=f"chats at once, default {CAPACITY}")
    actions.add_parser("list", parents=[config], help="who there is")
    actions.add_parser("demo", parents=[config], help="add two agents to try the console with")
    for name, help in (
        ("reset", "print a new first password and sign the agent out everywhere"),
        ("remove", "let an agent in no longer; the chats go back to the queue"),
    ):
        actions.add_parser(name, parents=[config], help=help).add_argument("login")


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Run one of them; a wrong login or value is told without a traceback."""
    try:
        if arguments.action == "remove":
            asyncio.run(_remove(settings, arguments.login))
        else:
            asyncio.run(_run(settings, arguments))
    except (LoginTaken, NoSuchAgent, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def _run(settings: Settings, arguments: argparse.Namespace) -> None:
    now = clock.now(settings.zone)
    async with opened(settings.database.url, settings.root) as store:
        if arguments.action == "add":
            login, name = arguments.login, arguments.name or arguments.login
            rest = (arguments.role, arguments.skill, arguments.capacity)
            _tell(await staff.add(store, now, login, name, *rest))
        elif arguments.action == "demo":
            for each in await staff.add_demo(store, now):
                _tell(each)
        elif arguments.action == "reset":
            _tell(await staff.reset(store, now, arguments.login))
        else:
            for agent in await store.read(lambda connection: agents.list_agents(connection, active=False)):
                state = agent.status if agent.active else "left"
                print(agent.id, agent.login, agent.name, agent.role, state, *agent.skills, sep="\t")


async def _remove(settings: Settings, login: str) -> None:
    """With the whole desk: the customers are told, and a colleague who is free gets them."""
    from bot.app import running

    async with running(settings) as app:
        now, queue = app.desk.now(), app.desk.queue
        moved = await app.store.write(
            lambda connection: people.remove(
                queue, connection, now, agents.by_login(connection, login).id, by=staff.SYSTEM
            )
        )
    print(f"{login} has left; chats given to others: {len(moved)}")


def _tell(first: FirstSignIn) -> None:
    print(f"{first.agent.login}  {first.password}  (must be changed at the first sign-in)")
