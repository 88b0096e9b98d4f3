"""Renders the templates with what every page needs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from handoff.agents import Agent
from handoff.console.guard import SESSION, csrf_of
from handoff.console.needs import Desk
from handoff.console.shown import FILTERS
from handoff.console.wording import words

TEMPLATES = Path(__file__).parent / "templates"
THEMES = ("light", "dark")
ROLES = {"supervise": "supervisor", "audit": "supervisor", "manage": "manager"}
"""What a page may offer → the role that it takes."""


class Pages:
    """The templates; everything that comes from people is escaped."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            enable_async=False,
        )
        self.environment.filters.update(FILTERS)
        self.environment.globals.update(words=words(), place=_place, company=desk.company)

    def text(self, template: str, **values: Any) -> str:
        return self.environment.get_template(template).render(**values)

    def show(self, request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:
        """A page or a part of one for whoever asked."""
        session = request.get(SESSION)
        agent: Agent | None = session.agent if session else None
        theme = request.cookies.get("yida_theme", "")
        text = self.text(
            template,
            **{
                "agent": agent,
                "may": lambda what: agent is not None and agent.is_at_least(ROLES[what]),
                "csrf": csrf_of(request) if agent else "",
                "theme": theme if theme in THEMES else "",
                "here": request.path,
                "now": self.desk.now(),
                **values,
            },
        )
        return web.Response(text=text, status=status, content_type="text/html")

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.desk.now().tzinfo)


@pass_context
def _place(context: Context, key: str, address: str, icon: str, name: str) -> Markup:
    """An entry of the main navigation; the one that is open says so."""
    here = str(context["here"])
    current = here.startswith(address) if address != "/console" else here in ("/console", "/console/")
    if address == "/console" and here.startswith("/console/c/"):
        current = True
    mark = Markup(' aria-current="page"') if current else ""
    return Markup(
        '<a class="rail-item" id="to-{}" href="{}" title="{}"{}>'
        '<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg><span>{}</span></a>'
    ).format(key, address, name, mark, icon, name)
