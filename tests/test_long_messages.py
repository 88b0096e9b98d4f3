"""Twelve parcels in one message: each is answered, and no reply is longer than a message may be."""

from __future__ import annotations

import pytest

from bot import shipments
from bot.app import App
from bot.desk import Inbound
from tests.words import check_words

WAYBILLS = [f"ANE3000000{number:05}" for number in range(12)]
SHIPMENT = {
    "sender": {"name": "鲁肃", "phone": "13800138220"},
    "receiver": {"name": "孟获", "phone": "13900139200"},
    "shipped_at": "2026-11-08T10:00:00+08:00",
    "promised_at": "2026-11-12T23:59:00+08:00",
    "total_delay_at": "2026-11-30T23:59:00+08:00",
    "fee": "18.00",
    "weight_kg": "2.0",
    "status": "problem",
    "events": [
        {
            "at": "2026-11-10T12:00:00+08:00",
            "code": "failed_delivery",
            "place": "成都武侯网点",
            "text": "收件人电话关机",
            "reason": "phone_unreachable",
        }
    ],
}


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ("{}都到哪了", []),
        ("{}都晚了，我要投诉", ["{}还没到，再投诉一次", "投诉进度怎么样了"]),
        ("{}都再送一次，明天下午3点", ["确认"]),
        ("{}都延误了，我要理赔，收款支付宝13800138220鲁肃", ["确认提交"]),
    ],
)
async def test_twelve_parcels_in_one_message(app: App, said: str, then: list[str]) -> None:
    def report(connection: object) -> None:
        for waybill in WAYBILLS:
            shipments.save(connection, app.desk.now(), waybill, SHIPMENT)  # type: ignore[arg-type]

    await app.store.write(report)
    told = ""
    for number, text in enumerate([said, *then]):
        words = text.format("、".join(WAYBILLS))
        answer = await app.desk.answer(
            Inbound("web:long-0001", f"m{number}", words, verified_phone="13800138220")
        )
        for reply in answer.replies:
            check_words(reply.text)
        told += "".join(reply.text for reply in answer.replies)
    missing = [] if "理赔" in said else [waybill for waybill in WAYBILLS if waybill not in told]
    assert missing == []
