"""Where events go and come from: the endpoints of the mirror, and Chatwoot."""

from __future__ import annotations

from base64 import b64decode
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints, model_validator

from bot.section import Section


def _webhook_secret(secret: str) -> str:
    """A secret of Standard Webhooks; an empty one is none."""
    try:
        known = b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        known = b""
    if secret and not (secret.startswith("whsec_") and 16 <= len(known) <= 64):
        raise ValueError("expected whsec_ and the base64 of 24 to 64 random bytes")
    return secret


def _http_url(url: str) -> str:
    parsed = urlsplit(url)
    if parsed.scheme not in ("http", "https") or not parsed.hostname:
        raise ValueError("expected http://… or https://…")
    return url.rstrip("/")


WebhookSecret = Annotated[str, AfterValidator(_webhook_secret)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
EVENT = r"^(\*|(handoff|message|case|deadline|conversation)\.(\*|[a-z_]+))$"


class Endpoint(Section):
    name: Annotated[str, StringConstraints(max_length=100)] = ""
    url: HttpUrl
    secret: Annotated[WebhookSecret, StringConstraints(min_length=1)]
    previous_secret: WebhookSecret = ""
    events: tuple[Annotated[str, StringConstraints(pattern=EVENT)], ...] = ()
    version: Literal[1] = 1
    verify_url: HttpUrl | Literal[""] = ""

    @property
    def title(self) -> str:
        """Its name, or where it is, without what may be a secret in its address."""
        parsed = urlsplit(self.url)
        return self.name or f"{parsed.netloc.rpartition('@')[2]}{parsed.path}"[:100]

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.secret, self.previous_secret)))


class Mirror(Section):
    endpoints: tuple[Endpoint, ...] = ()
    inbound_secret: WebhookSecret = ""
    previous_inbound_secret: WebhookSecret = ""
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def inbound_secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.inbound_secret, self.previous_inbound_secret)))

    @model_validator(mode="after")
    def _each_name_once(self) -> Mirror:
        titles = [each.title for each in self.endpoints]
        for title in titles:
            if titles.count(title) > 1 or title == "chatwoot":
                raise ValueError(f"expected a name of its own for each endpoint, found {title} again")
        return self


class Chatwoot(Section):
    base_url: HttpUrl | Literal[""] = ""
    account_id: int = 0
    inbox_id: int = 0
    api_token: str = ""
    bot_token: str = ""
    webhook_secret: str = ""
    webhook_token: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Chatwoot:
        if self.base_url and not (self.account_id and self.inbox_id and self.api_token):
            raise ValueError("expected account_id, inbox_id and api_token beside base_url")
        return self
