"""`python -m bot mirror`: how endpoints do, sending again, a trial, and whether both sides are level."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial

from bot import clock
from bot.config import Settings
from bot.mirroring import targets
from bot.store import Store
from bot.store.opening import opened
from handoff.mirror import overview
from handoff.mirror.events import Event
from handoff.mirror.overview import UnknownEndpoint
from handoff.mirror.verify import Comparable, NotComparable, resend_missing, verify

TRIAL = "mirror.test"
"""The type of the event that `test` sends; it stands in no conversation and is kept nowhere."""


def add_parser(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], config: argparse.ArgumentParser
) -> None:
    mirror = commands.add_parser("mirror", help="the endpoints that events go to")
    actions = mirror.add_subparsers(dest="action", required=True)
    actions.add_parser("list", parents=[config], help="state, what waits, dead letters")
    replay = actions.add_parser(
        "replay", parents=[config], help="start an endpoint again, with its dead letters"
    )
    replay.add_argument("name")
    replay.add_argument(
        "--since", type=datetime.fromisoformat, help="send again all since 2026-11-23T10:00+08:00"
    )
    test = actions.add_parser("test", parents=[config], help=f"send a {TRIAL} event now")
    test.add_argument("name", nargs="?", help="default: every endpoint")
    verify = actions.add_parser(
        "verify", parents=[config], help="compare both sides and print the difference"
    )
    verify.add_argument("name", nargs="?", help="default: every endpoint")
    verify.add_argument(
        "--days", type=int, default=7, help="handoffs that changed in as many days, default 7"
    )
    verify.add_argument("--resend", action="store_true", help="send again what is missing there")


async def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """The exit code: 0 where all is well, 1 where it is not, with the reason."""
    async with opened(settings.database.url, settings.root) as store, AsyncExitStack() as stack:
        try:
            if arguments.action == "list":
                return await _list(store)
            if arguments.action == "replay":
                return await _replay(settings, store, arguments)
            chosen = _chosen(await targets(settings, store, stack), arguments.name)
            if arguments.action == "test":
                return await _test(settings, chosen)
            return await _verify(settings, store, chosen, arguments)
        except UnknownEndpoint as error:
            print(error, file=sys.stderr)
            return 1


def _chosen(known: Sequence[Comparable], name: str | None) -> Sequence[Comparable]:
    chosen = [each for each in known if name in (None, each.name)]
    if not chosen:
        names = ", ".join(each.name for each in known) or "none"
        raise UnknownEndpoint(f"no endpoint {name or ''}; the settings name: {names}")
    return chosen


async def _list(store: Store) -> int:
    for each in await store.read(overview.overview):
        told = f"{each.name}: {each.state}, {each.waiting} waiting, {each.dead} dead letters  {each.error}"
        print(told.rstrip())
        for letter in await store.read(partial(overview.dead_letters_of, name=each.name)):
            print(
                f"  {letter.at.isoformat()} {letter.conversation} {letter.seq} {letter.type}  {letter.error}"
            )
    return 0


async def _replay(settings: Settings, store: Store, arguments: argparse.Namespace) -> int:
    now, name, since = clock.now(settings.zone), arguments.name, arguments.since
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=settings.zone)
    letters = await store.write(lambda connection: overview.start_again(connection, now, name))
    print(f"{name}: started again, {letters} dead letters are sent again")
    if since is not None:
        count = await store.write(lambda connection: overview.replay_since(connection, now, name, since))
        print(f"{name}: {count} conversations are sent again since {since.isoformat()}")
    return 0


async def _test(settings: Settings, chosen: Sequence[Comparable]) -> int:
    now = clock.now(settings.zone)
    event = Event(0, "mirror:test", 0, TRIAL, {}, now)
    failures = await asyncio.gather(*(each.send(event, now) for each in chosen))
    for each, failure in zip(chosen, failures, strict=True):
        print(f"{each.name}: {failure.error if failure else 'ok'}")
    return 1 if any(failures) else 0


async def _verify(
    settings: Settings, store: Store, chosen: Sequence[Comparable], arguments: argparse.Namespace
) -> int:
    now, bad = clock.now(settings.zone), False
    for each in chosen:
        try:
            found = await verify(store, each, now - timedelta(days=arguments.days), now)
        except NotComparable as error:
            print(f"{each.name}: {error}")
            bad = True
            continue
        for difference in found:
            print(f"{each.name}: {difference}")
        print(f"{each.name}: {len(found)} differences")
        bad = bad or bool(found)
        if arguments.resend:
            count = await store.write(partial(resend_missing, now=now, name=each.name, found=found))
            print(f"{each.name}: {count} conversations are sent again")
    return 1 if bad else 0
