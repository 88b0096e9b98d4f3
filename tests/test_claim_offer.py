"""What a customer says to an offer of staff, and what becomes of the claim (A.5.4, A.5.5)."""

from __future__ import annotations

from bot import case_steps
from bot.app import App
from bot.cases import case_json, open_case
from bot.desk import Inbound
from intents.meaning import OpenCase
from tests.words import check_words

SAID = {
    "接受": "agreed",
    "同意这个方案": "agreed",
    "算了，接受吧": "agreed",
    "要不我就接受吧": "agreed",
    "行吧，108我认了": "agreed",
    "108太少了，我不接受": "disputed",
    "这个方案我不满意，太低了": "disputed",
    "凭什么只赔这么点？": "disputed",
    "我不太同意": "disputed",
    "实在没法接受": "disputed",
    "108不行，至少300": "disputed",
    "同意的话多久到账？": "offered",
    "可以多赔一点吗": "offered",
    "怎么申诉": "offered",
    "我考虑一下": "offered",
    "那就仲裁": "offered",
}


async def test_only_a_plain_yes_agrees_and_only_a_no_disputes(app: App) -> None:
    found = {
        text: await status_after(app, f"web:offer-{number:04}", text) for number, text in enumerate(SAID)
    }
    assert found == SAID


async def status_after(app: App, conversation: str, text: str) -> str:
    await app.desk.answer(Inbound(conversation, "m0", "你好"))
    now = app.desk.now()
    order = OpenCase("claim", "submitted", {}, outcome={"total": "108.00"}, waybill="300100000115")

    def offer(connection: object) -> str:
        number = open_case(connection, now, conversation, order)  # type: ignore[arg-type]
        case_steps.take(connection, now, number, case_steps.Taken("offer", "A01", total="108"))  # type: ignore[arg-type]
        return number

    number = await app.store.write(offer)
    for reply in (await app.desk.answer(Inbound(conversation, "m1", text))).replies:
        check_words(reply.text)
    case = await app.store.read(lambda connection: case_json(connection, number, app.desk.zone))
    return str(case["status"])
