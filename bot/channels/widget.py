"""The widget: one script tag that puts the chat on a page of the company's own site.

The script draws a button and a frame with the chat page; which sites may frame it is
`channels.webchat.allowed_origins`, told to the browser by the page's Content-Security-Policy.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from aiohttp import web

from bot.wording import say

PAGES = Path(__file__).parent.parent / "pages"
WORDS = ("open", "close", "unread", "title")
SCRIPT_HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
DEMO_HEADERS = {"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff"}


class Widget:
    def __init__(self, company: str) -> None:
        self.company = company

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/widget.js", self.script), web.get("/widget/demo", self.demo)]

    async def script(self, _: web.Request) -> web.Response:
        words = {word: say(f"widget_{word}", company=self.company) for word in WORDS}
        text = (PAGES / "static" / "widget.js").read_text("utf-8")
        text = text.replace("{{ words }}", json.dumps(words, ensure_ascii=False))
        return web.Response(
            text=text, content_type="text/javascript", charset="utf-8", headers=SCRIPT_HEADERS
        )

    async def demo(self, _: web.Request) -> web.Response:
        page = (PAGES / "widget_demo.html").read_text("utf-8").replace("{{ company }}", escape(self.company))
        return web.Response(text=page, content_type="text/html", headers=DEMO_HEADERS)


def frame_ancestors(origins: Sequence[str]) -> str:
    """The directive by which a browser frames the chat page on these sites only."""
    return " ".join(["frame-ancestors 'self'", *origins])
