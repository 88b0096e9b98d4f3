"""`python -m bot token`: tokens of company systems."""

from __future__ import annotations

import argparse
import sys

from bot import clock
from bot.config import Settings
from bot.store import Store
from bot.store.opening import opened
from bot.tokens import ALL, SCOPES, NameTaken, NoSuchToken, add_token, list_tokens, revoke_token


async def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """The exit code; a new token is printed alone on its line."""
    async with opened(settings.database.url, settings.root) as store:
        try:
            if arguments.action == "list":
                return await _list(store, settings)
            if arguments.action == "revoke":
                now = clock.now(settings.zone)
                await store.write(lambda connection: revoke_token(connection, arguments.name, now))
                return 0
            return await _add(store, settings, arguments.name, arguments.scope or [ALL])
        except NameTaken as error:
            print(f"a token named {error} exists: choose another name", file=sys.stderr)
        except NoSuchToken as error:
            print(f"no token named {error}: see `python -m bot token list`", file=sys.stderr)
    return 1


async def _add(store: Store, settings: Settings, name: str, scopes: list[str]) -> int:
    unknown = [each for each in scopes if each not in SCOPES]
    if unknown:
        print(f"no scope {unknown[0]}; there are: {', '.join(SCOPES)}", file=sys.stderr)
        return 1
    now = clock.now(settings.zone)
    print(await store.write(lambda connection: add_token(connection, name, now, scopes)))
    return 0


async def _list(store: Store, settings: Settings) -> int:
    for each in await store.read(list_tokens):
        used = (
            each.last_used_at.astimezone(settings.zone).isoformat(" ", "minutes")
            if each.last_used_at
            else "never"
        )
        state = " revoked" if each.revoked_at else ""
        print(f"{each.name}: {' '.join(each.scopes)}, last used {used}{state}")
    return 0
