"""The company's systems: shipments, cases, customers, the human queue; over real HTTP with a token."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.conftest import Clock

SESSION = "w-api-000001"
SHIPMENT = {
    "sender": {"name": "鲁肃", "phone": "13800138220", "address": {"province": "浙江省", "city": "杭州市"}},
    "receiver": {"name": "孟获", "phone": "13900139200"},
    "product": "domestic",
    "shipped_at": "2026-11-20T09:00:00+08:00",
    "promised_at": "2026-11-24T23:59:00+08:00",
    "fee": "18.00",
    "weight_kg": "2.0",
    "status": "in_transit",
    "events": [{"at": "2026-11-20T09:00:00+08:00", "code": "collected", "place": "杭州"}],
}


async def say(chat: aiohttp.ClientSession, id: str, text: str) -> dict[str, Any]:
    async with chat.post("/chat/messages", json={"session": SESSION, "id": id, "text": text}) as response:
        return dict(await response.json())


async def call(api: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with api.request(method, path, json=body) as response:
        return response.status, await response.json()


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer yida_wrong"}, {"Authorization": "Basic x"}])
async def test_without_a_genuine_token_nothing_is_told(
    chat: aiohttp.ClientSession, header: dict[str, str]
) -> None:
    async with chat.get("/api/cases", headers=header) as response:
        assert response.status == 401
        assert response.content_type == "application/problem+json"


async def test_a_shipment_is_written_extended_and_tracked(
    api: aiohttp.ClientSession, chat: aiohttp.ClientSession
) -> None:
    status, _ = await call(api, "PUT", "/api/shipments/ANE300123456851", SHIPMENT)
    assert status == 200
    event = {"at": "2026-11-22T20:00:00+08:00", "code": "arrived", "place": "成都转运中心"}
    for _ in range(2):
        status, shipment = await call(
            api, "POST", "/api/shipments/ANE300123456851/events", {"events": [event]}
        )
    assert (status, len(shipment["events"])) == (200, 2)
    answer = await say(chat, "m1", "查下ANE300123456851到哪了")
    assert "成都转运中心" in answer["replies"][0]["text"]


async def test_a_bad_shipment_names_its_fields(api: aiohttp.ClientSession) -> None:
    body = {**SHIPMENT, "fee": "many", "events": [{"at": "yesterday", "code": "lost?"}]}
    status, problem = await call(api, "PUT", "/api/shipments/ANE300123456851", body)
    assert status == 422
    assert {"fee", "events.0.at", "events.0.code"} <= {
        key.split(".str")[0] for key in problem["errors"]
    } | set(problem["errors"]) | {key.rsplit(".", 1)[0] for key in problem["errors"]}


async def test_an_unknown_record_is_404(api: aiohttp.ClientSession) -> None:
    for path in ("/api/shipments/300999999999", "/api/cases/CL20261123-99999", "/api/customers/13800138999"):
        assert (await call(api, "GET", path))[0] == 404


async def test_a_booking_is_in_the_ledger_and_the_courier_is_told(
    api: aiohttp.ClientSession, chat: aiohttp.ClientSession
) -> None:
    await say(
        chat, "m1", "寄书3公斤，杭州西湖区文三路90号到上海浦东新区张杨路500号，明天上午取，李四13800138402"
    )
    await say(chat, "m2", "确认")
    _, listed = await call(api, "GET", f"/api/cases?kind=pickup&conversation=web:{SESSION}")
    number = listed["cases"][0]["number"]
    _, notices = await call(api, "GET", "/api/notices?since=2026-11-23T00:00:00%2B08:00")
    assert [(each["to"], each["event"], each["case"]) for each in notices["notices"]] == [
        ("courier", "new", number)
    ]
    status, case = await call(api, "PATCH", f"/api/cases/{number}", {"status": "dispatched", "by": "TMS"})
    assert (status, case["status"]) == (200, "dispatched")
    assert [entry["by"] for entry in case["history"]] == ["bot", "TMS"]
    status, problem = await call(api, "PATCH", f"/api/cases/{number}", {"status": "eaten"})
    assert (status, list(problem["errors"])) == (422, ["status"])


async def test_a_case_made_elsewhere_comes_in_once(api: aiohttp.ClientSession) -> None:
    body = {"kind": "inquiry", "status": "open", "waybill": "300100000026", "external_id": "tel-1"}
    _, first = await call(api, "POST", "/api/cases", body)
    _, again = await call(api, "POST", "/api/cases", body)
    assert first["number"] == again["number"] == "IQ20261123-00001"


async def test_a_case_made_elsewhere_keeps_its_past_and_gets_the_deadlines_of_the_rules(
    api: aiohttp.ClientSession,
) -> None:
    began = "2026-11-23T09:55:00+08:00"
    history = [{"at": began, "by": "电话", "what": "open"}]
    body = {"kind": "inquiry", "status": "open", "waybill": "300100000026", "contacts": 2, "history": history}
    _, case = await call(api, "POST", "/api/cases", body)
    assert (case["opened_at"], case["contacts"], case["history"]) == (began, 2, history)
    assert [(due["name"], due["due"]) for due in case["deadlines"]] == [
        ("answer", "2026-11-23T10:15:00+08:00")
    ]


@pytest.mark.parametrize(
    ("kind", "first", "then", "deadlines"),
    [
        ("claim", "submitted", "answered", [("answer", True), ("decision", False)]),
        ("claim", "offered", "agreed", [("payment", False)]),
        ("claim", "submitted", "rejected", [("answer", True)]),
        ("claim", "agreed", "paid", [("payment", True)]),
        ("complaint", "open", "resolved", [("answer", True)]),
        ("inquiry", "open", "answered", [("answer", True)]),
        ("delivery_change", "open", "done", [("answer", True)]),
    ],
)
async def test_a_status_set_by_a_system_meets_and_starts_the_deadlines_of_its_article(
    api: aiohttp.ClientSession, kind: str, first: str, then: str, deadlines: list[tuple[str, bool]]
) -> None:
    _, case = await call(api, "POST", "/api/cases", {"kind": kind, "status": first})
    _, case = await call(api, "PATCH", f"/api/cases/{case['number']}", {"status": then})
    assert [(due["name"], due["met_at"] is not None) for due in case["deadlines"]] == deadlines


async def test_the_first_of_staff_who_takes_a_step_is_responsible_from_then_on(
    api: aiohttp.ClientSession, chat: aiohttp.ClientSession
) -> None:
    await say(chat, "m1", "300100000085怎么还没到，我要投诉")
    await say(chat, "m2", "13800138402")
    _, listed = await call(api, "GET", "/api/cases?kind=complaint")
    number = listed["cases"][0]["number"]
    assert listed["cases"][0]["owner"] == "bot"
    for agent in ("A01", "A02"):
        _, case = await call(api, "POST", f"/api/cases/{number}/answer", {"by": agent, "text": "已催派"})
    assert case["owner"] == "A01"


async def test_a_known_customer_is_greeted_and_keeps_his_address(
    api: aiohttp.ClientSession, chat: aiohttp.ClientSession
) -> None:
    customer = {
        "name": "陈先生",
        "returning": True,
        "address_book": [
            {
                "name": "陈先生",
                "phone": "13800138009",
                "address": {
                    "province": "浙江省",
                    "city": "杭州市",
                    "district": "西湖区",
                    "detail": "龙井路1号",
                },
            }
        ],
        "usual_goods": ["茶叶"],
    }
    await call(api, "PUT", "/api/customers/13800138009", customer)
    _, found = await call(api, "GET", "/api/customers/13800138009")
    assert found["name"] == "陈先生"


async def test_an_agent_takes_answers_and_gives_back(
    api: aiohttp.ClientSession, chat: aiohttp.ClientSession
) -> None:
    answer = await say(chat, "m1", "转人工")
    assert answer["handled_by"] == "queue"
    _, listed = await call(api, "GET", "/api/handoffs?status=waiting")
    handoff = listed["handoffs"][0]
    assert (handoff["reason"], handoff["priority"], handoff["position"]) == ("requested", "normal", 1)
    agent = {"agent": {"id": "A01", "name": "小李"}}
    status, taken = await call(api, "POST", f"/api/handoffs/{handoff['id']}/assign", agent)
    assert (status, taken["status"], taken["agent"]["name"]) == (200, "assigned", "小李")
    other = {"agent": {"id": "A02", "name": "小张"}}
    assert (await call(api, "POST", f"/api/handoffs/{handoff['id']}/assign", other))[0] == 409
    answer = await say(chat, "m2", "帮我查下300100000026")
    assert (answer["handled_by"], answer["replies"]) == ("agent", [])
    await call(api, "POST", f"/api/handoffs/{handoff['id']}/messages", {"text": "您好，我是小李", **agent})
    _, returned = await call(api, "POST", f"/api/handoffs/{handoff['id']}/return", {"note": "已查"})
    assert returned["status"] == "returned"
    async with chat.get("/chat/history", params={"session": SESSION}) as response:
        history = await response.json()
    assert ("agent", "小李", "您好，我是小李") in [
        (each["from"], each["name"], each["text"]) for each in history
    ]
    answer = await say(chat, "m3", "查下300100000026")
    assert answer["handled_by"] == "bot"


async def test_events_of_a_conversation_count_up_without_a_gap(
    api: aiohttp.ClientSession, chat: aiohttp.ClientSession
) -> None:
    await say(chat, "m1", "转人工")
    await say(chat, "m2", "查下300100000026")
    _, told = await call(api, "GET", f"/api/events?conversation=web:{SESSION}&after_seq=0")
    assert [event["data"]["seq"] for event in told["events"]] == list(range(1, len(told["events"]) + 1))
    assert "handoff.requested" in {event["type"] for event in told["events"]}


async def test_outside_desk_hours_a_message_is_left(
    api: aiohttp.ClientSession, chat: aiohttp.ClientSession, clock: Clock
) -> None:
    clock.forward(hours=12)
    answer = await say(chat, "m1", "转人工")
    assert answer["handled_by"] == "bot"
    assert "09:00" in answer["replies"][0]["text"]
    _, listed = await call(api, "GET", "/api/handoffs?status=scheduled")
    assert len(listed["handoffs"]) == 1


async def test_a_claim_goes_from_offer_to_dispute_to_agreement(
    api: aiohttp.ClientSession, chat: aiohttp.ClientSession
) -> None:
    body = {
        "kind": "claim",
        "status": "submitted",
        "conversation": f"web:{SESSION}",
        "waybill": "300100000115",
        "outcome": {"total": "144.00"},
    }
    await say(chat, "m0", "你好")
    _, claim = await call(api, "POST", "/api/cases", body)
    number = claim["number"]
    _, answered = await call(api, "POST", f"/api/cases/{number}/answer", {"by": "A01", "text": ""})
    assert [each["name"] for each in answered["deadlines"]] == ["answer", "decision"]
    assert [each["met_at"] is None for each in answered["deadlines"]] == [False, True]
    _, offered = await call(api, "POST", f"/api/cases/{number}/offer", {"by": "A01", "total": "144.00"})
    assert offered["status"] == "offered"
    answer = await say(chat, "m1", "太少了，我不接受")
    told = "".join(reply["text"] for reply in answer["replies"])
    assert all(word in told for word in ("协商", "申诉", "起诉"))
    answer = await say(chat, "m2", "那就仲裁")
    assert "约定" in "".join(reply["text"] for reply in answer["replies"])
    answer = await say(chat, "m3", "行吧，144我认了")
    assert "11月30日" in "".join(reply["text"] for reply in answer["replies"])
    _, agreed = await call(api, "GET", f"/api/cases/{number}")
    assert agreed["status"] == "agreed"
    assert (await call(api, "POST", f"/api/cases/{number}/reject", {"by": "A01"}))[0] == 409


async def test_the_process_tells_its_health(chat: aiohttp.ClientSession) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        async with chat.get(path) as response:
            assert response.status == 200
