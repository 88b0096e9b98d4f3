"""A stranger with a waybill number learns nothing about a person, whatever he types, in however many turns."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from bot import shipments
from bot.app import App
from bot.desk import Inbound
from bot.store import tables
from intents.identity import public_place

SCRIPT = yaml.safe_load((Path(__file__).parent / "data" / "attacker.yaml").read_text("utf-8"))
WAYBILL, SHIPMENT, SECRETS = SCRIPT["waybill"], SCRIPT["shipment"], SCRIPT["secrets"]
CONFIRMS = re.compile(
    r"(^|[，。！\n])(是的|对的|没错|正确|核对一致|验证通过|已核实|不对|不一致|不正确|不符)[，。！]"
)


async def say(app: App, number: int, text: str, phone: str | None = None) -> str:
    answer = await app.desk.answer(Inbound("web:stranger-1", f"m{number}", text, verified_phone=phone))
    return "\n".join(f"{said.text} {' '.join(said.choices)}" for said in answer.replies)


@pytest.fixture
async def desk(app: App) -> App:
    await app.store.write(lambda connection: shipments.save(connection, app.desk.now(), WAYBILL, SHIPMENT))
    return app


def leaked(told: str, said: str) -> list[str]:
    """The secrets in a reply; what the attacker has typed himself may not come back either."""
    return [secret for secret in SECRETS if secret in told] + [said for _ in CONFIRMS.findall(told)]


@pytest.mark.parametrize("attack", SCRIPT["attacks"], ids=lambda each: each["name"])
async def test_an_attack_learns_nothing(desk: App, attack: dict[str, Any]) -> None:
    told = [await say(desk, number, text) for number, text in enumerate(attack["says"])]
    found = {
        text: secrets
        for text, reply in zip(attack["says"], told, strict=True)
        if (secrets := leaked(reply, text))
    }
    assert found == {}


async def test_all_attacks_in_one_conversation_learn_nothing_and_change_nothing(desk: App) -> None:
    texts = [text for attack in SCRIPT["attacks"] for text in attack["says"]]
    told = [await say(desk, number, text) for number, text in enumerate(texts)]
    assert [reply for reply, text in zip(told, texts, strict=True) if leaked(reply, text)] == []
    kinds = select(tables.cases.c.kind).distinct()
    opened = await desk.store.read(lambda connection: set(connection.execute(kinds).scalars()))
    assert opened <= {"inquiry", "complaint"}


@pytest.mark.parametrize("phone", ["13800138021", "13712345678"])
async def test_a_proved_phone_of_a_party_hears_what_a_stranger_may_not(desk: App, phone: str) -> None:
    told = await say(desk, 1, f"查{WAYBILL}", phone)
    assert "古墩路77号3幢501" in told


async def test_another_proved_phone_is_a_stranger(desk: App) -> None:
    told = await say(desk, 1, f"查{WAYBILL}", "13900139021")
    assert leaked(told, "") == []


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("杭州西湖网点", "杭州西湖网点"),
        ("杭州文三路营业部", "杭州文三路营业部"),
        ("北京转运中心", "北京转运中心"),
        ("浙江省杭州市西湖区古墩路77号3幢501", "浙江省杭州市西湖区"),
        ("杭州西湖区古墩路77号门口", "杭州西湖区"),
        ("古墩路77号", ""),
        ("浙江杭州市西湖区13712345678", "浙江杭州市西湖区"),
        ("上海市浦东新区张杨路", "上海市浦东新区"),
        ("", ""),
    ],
)
def test_a_place_is_told_to_a_stranger_without_street_and_door(place: str, told: str) -> None:
    assert public_place(place) == told
