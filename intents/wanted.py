"""What a message wants: by itself, and beside a form that is open."""

from __future__ import annotations

import re
from dataclasses import replace

from intents.form import QUESTION, choice
from intents.meaning import Form, Meaning, Turn
from intents.registry import Intent, intents
from intents.understand import understand
from intents.wishes import BREAK
from intents.wording import wording

ANSWERS = frozenset({"inform", "affirm", "deny"})
SURE = 0.6
"""Below this a label does not take a customer out of the form that is open."""
CERTAIN = 0.85
"""The same for a message that says nothing else (快点)."""
ASKS_ONLY = frozenset({"faq", "tracking_query", "out_of_scope", "case_progress", "inform"})
ABOUT_BOOKING = re.compile(
    r"(?:快递员|小哥|师傅|上门|来取|来拿|取件|你们)[^,。]{0,6}(?:什么时候|啥时候|几点|多久|哪天|来不来)"
    r"|(?:什么时候|啥时候|几点|多久|哪天)[^,。]{0,4}(?:来取|来拿|来收|上门|取件|来(?=$|[?？啊呀呢]))"
    r"|(?:查|看)[^,。]{0,6}(?:订单|预约|单子)(?!号是)|(?:订单|预约|单子)[^,。]{0,4}(?:怎么样|成功|情况|状态|是多少)"
)
ARRIVES = re.compile(r"(?:什么时候|啥时候|几时|多久|几天|哪天)[^,。]{0,5}(?:到|送达|收到)")
CANCEL = re.compile(r"取消|撤销|退单|不寄|不用(?=[了来取寄,，。]|$)|别来|算了")
JOINS = re.compile(r"^[^,，。]{0,3}(?:再|另|要)加|加[上一两]")
"""再加一箱书 goes with what was booked; 再寄一箱书 is another parcel."""
CORRECTS = re.compile(r"改|换|错|不对|不是|重新")
KEEPS = re.compile(r"不[改变寄]|不[要用]了|保持|算了")
GIVES_UP = re.compile(r"不[寄要办]了")
BEGINS_ORDER = re.compile(r"(?:你好|您好)?[,， ]?(?:我|请|帮我?)?(?:想|要|想要)?(?:邮寄|快递|寄).{1,10}$")
"""A short message that begins like an order, whatever it sends (寄 白/粉)."""
TIMED = re.compile(r"[昨前今明后]天|[上下中]午|[早晚]上|点(?![吧单])|周|星期|礼拜|\d[号日]")
"""Words of a time: 昨天下午来取 gives no time that is possible, and is no yes."""
SENDS = re.compile(r"寄(?!件人|件方)|发往|发到|快递到")
ORDERED = frozenset({"origin", "destination", "receiver_name", "receiver_phone"})
"""Slots that speak of an order even where nothing else is said (收件人:李雷 …)."""
SIGNED = re.compile(r"签收|妥投|已送达")
NOT_RECEIVED = re.compile(r"[没未](?:有)?(?:收到|拿到|见到|看到)")
"""Signed for and not received is a complaint, however calmly it is asked (rules: tracking)."""
COMPLAINS = re.compile(
    r"(?<![不别])(?<!不[要想])投诉(?!电话|渠道|方式|进度|结果|编号)|凭什么|必须.{0,4}(?:送|到)|太过分"
)
AGAIN = re.compile(r"第[二两三四五六]次|又来|(?:还是|仍|依然)[没未]")
"""Who has asked before and still has nothing complains."""
WANTS_MORE = re.compile(wording("claim")("wants_more_pattern"))
"""To ask for more than was read back is no yes to it."""
NO_CLAIM = re.compile(wording("claim")("not_wanted_pattern"))
"""To say that no money is wanted is for the claim's own words, whatever it sounds like."""
SHORT_YES = 12
"""A message of the form's own intent this short, with nothing new, is a yes to the read-back (下单吧)."""


def first_wish(meaning: Meaning) -> str:
    """What a first message wants, where its label alone does not tell.

    A waybill with words that were not understood is asked about. A word of sending and no question are an
    order (那我寄衣服吧, 那就寄吧), as is an address with its role.
    """
    slots, sends = meaning.slots, SENDS.search(meaning.text) and not QUESTION.search(meaning.text)
    called_off = CANCEL.search(meaning.text)
    if NO_CLAIM.search(meaning.text):
        return "claim"
    match meaning.intent:
        case "tracking_query" if _complains(meaning.text):
            return "complaint"
        case "affirm" if choice(meaning, intents()["delivery_change"].form["change"]):
            return "delivery_change"
        case "out_of_scope" if COMPLAINS.search(meaning.text):
            return "complaint"
        case "out_of_scope" if "waybills" in slots:
            return "tracking_query"
        case "inform" if sends or ORDERED & set(slots):
            return "pickup_booking"
        case "faq" | "deny" | "cancel" | "smalltalk" if sends and "goods" in slots and not called_off:
            return "pickup_booking"
        case "out_of_scope" if sends and BEGINS_ORDER.match(meaning.text):
            return "pickup_booking"
    return meaning.intent


def _complains(text: str) -> bool:
    """Whether a question where a parcel is asks for more than that."""
    missed = NOT_RECEIVED.search(text) and (SIGNED.search(text) or AGAIN.search(text))
    return bool(missed or COMPLAINS.search(text))


def wish_of(turn: Turn) -> str:
    """What a message wants with no form open; a yes is to what was offered last."""
    offered = turn.conversation.memory.get("offered")
    if offered and turn.meaning.intent == "affirm":
        return str(offered)
    about_booking = corrects_booking(turn) or asks_about_booking(turn)
    return "pickup_change" if about_booking else first_wish(turn.meaning)


def corrects_booking(turn: Turn) -> bool:
    """Whether a message with no waybill puts right the pickup that was booked just before (改到后天下午)."""
    meaning, change = turn.meaning, intents()["pickup_change"]
    if meaning.intent not in ("delivery_change", "inform", "pickup_booking") or "waybills" in meaning.slots:
        return False
    given = {source for slot in change.form.values() for source in slot.sources} & set(meaning.slots)
    given |= {name for name, slot in change.form.items() if slot.choices and choice(meaning, slot)}
    last = turn.conversation.memory.get("case")
    booked = any(case.number == last and case.kind == "pickup" for case in turn.facts.cases)
    joins = "goods" in given and "destination" not in given and JOINS.search(meaning.text)
    changes = CORRECTS.search(meaning.text) or joins or None
    return booked and bool(given) and changes is not None


def asks_about_booking(turn: Turn) -> bool:
    """Whether a question is about the pickup that was booked in this conversation (快递员什么时候来)."""
    meaning = turn.meaning
    last = turn.conversation.memory.get("case")
    booked = any(case.number == last and case.kind == "pickup" for case in turn.facts.cases)
    asked = meaning.intent in ASKS_ONLY and "waybills" not in meaning.slots
    return booked and asked and ABOUT_BOOKING.search(meaning.text) is not None


def is_cancel(meaning: Meaning, form: Form) -> bool:
    """A cancel in so many words; or of an order that is not placed yet, understood as of one that is."""
    if meaning.intent == "cancel" and (meaning.confidence >= SURE or CANCEL.search(meaning.text)):
        return True
    if meaning.intent in ("deny", "cancel") and not meaning.slots:
        return (KEEPS if form.confirming else GIVES_UP).search(meaning.text) is not None
    absorbed = meaning.intent in intents()[form.intent].absorbs and not meaning.slots
    return absorbed and any(words.search(meaning.text) for words in (CANCEL, GIVES_UP))


def is_yes(meaning: Meaning, form: Form) -> bool:
    """A yes to what was read back: 好的, or the wish once more (下单吧), not the wish for something else."""
    again = meaning.intent == form.intent and len(meaning.text) <= SHORT_YES
    otherwise = any(words.search(meaning.text) for words in (CANCEL, CORRECTS, TIMED, WANTS_MORE))
    return meaning.intent == "affirm" or (again and not otherwise)


def wish_beside(turn: Turn, form: Form, changed: frozenset[str]) -> Intent | None:
    """The wish that the message has beside the open form, if it has one."""
    meaning, own = turn.meaning, intents()[form.intent]
    if meaning.intent == "inform" and "waybills" in meaning.slots and "waybills" not in own.form:
        return intents()["tracking_query"]
    if meaning.intent in ANSWERS or meaning.intent == form.intent or _is_absorbed(meaning, own, changed):
        return None
    if _tells(meaning, form) and not QUESTION.search(meaning.text):
        return None
    if _asks_when(meaning, form):
        return intents()["faq"]
    wish = intents()[meaning.intent]
    if meaning.intent in ("out_of_scope", "cancel"):
        return None
    if meaning.intent == "faq" and changed and not QUESTION.search(meaning.text):
        return None
    answered = bool(changed & set(form.asked))
    if answered and (meaning.confidence < SURE or not QUESTION.search(meaning.text)):
        return None
    enough = SURE if meaning.slots or QUESTION.search(meaning.text) else CERTAIN
    if wish.form and meaning.confidence < enough and "waybills" not in meaning.slots:
        return None
    return wish


def _asks_when(meaning: Meaning, form: Form) -> str:
    """The topic of a question in an order, when the courier comes or it arrives: no waybill is meant."""
    asks = meaning.intent in ASKS_ONLY and "waybills" not in meaning.slots
    if form.intent != "pickup_booking" or not asks:
        return ""
    if ARRIVES.search(meaning.text):
        return "transit_time"
    return "service_hours" if ABOUT_BOOKING.search(meaning.text) else ""


def _is_absorbed(meaning: Meaning, own: Intent, changed: frozenset[str]) -> bool:
    """Whether a label means an answer here; what moves a parcel on its way does not."""
    on_its_way = "waybills" in meaning.slots and "waybills" not in own.form
    about_form = bool(changed) or CORRECTS.search(meaning.text) is not None
    moves_parcel = meaning.intent == "delivery_change" and (on_its_way or not about_form)
    return meaning.intent in own.absorbs and not moves_parcel


def _tells(meaning: Meaning, form: Form) -> bool:
    """Whether a message is the free answer to the last question: a story, whatever it sounds like."""
    spec = intents()[form.intent].form
    free = {spec[name].read for name in form.asked if name in spec and not spec[name].sources}
    return "words" in free or (meaning.intent == "faq" and bool(free - {""}))


def question_in(turn: Turn) -> Meaning:
    """The clause of a message that asks, by itself; the whole where none does."""
    asking = [clause for clause in BREAK.split(turn.meaning.text) if QUESTION.search(clause)]
    return understand(asking[-1], turn.now) if asking else turn.meaning


def asked_beside(turn: Turn, wish: Intent) -> Meaning:
    """A question is told by its own clause, with the values of all: 几天能到啊？收件人老刘，不保价."""
    asked = question_in(turn)
    forms = turn.conversation.forms
    topic = _asks_when(turn.meaning, forms[-1]) if forms else ""
    if topic:
        return replace(turn.meaning, slots={**turn.meaning.slots, "faq_topic": topic})
    if wish.label != "faq" or asked.intent != "faq":
        return turn.meaning
    return replace(asked, slots={**turn.meaning.slots, **asked.slots})
