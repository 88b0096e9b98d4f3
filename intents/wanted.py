"""What a message wants: by itself, and beside a form that is open."""

from __future__ import annotations

import re

from intents.form import choice
from intents.meaning import Form, Meaning, Turn
from intents.registry import Intent, intents
from intents.wording import wording

ANSWERS = frozenset({"inform", "affirm", "deny"})
SURE = 0.6
"""Below this a label does not take a customer out of the form that is open."""
CERTAIN = 0.85
"""The same for a message that says nothing else (快点)."""
QUESTION = re.compile(r"[?？吗呢么]|多少|几[天点块时]|怎么|什么|哪|能不能|可不可以|是不是|多久")
CANCEL = re.compile(r"取消|撤销|退单|不寄|不用(?=[了来取寄,，。]|$)|别来|算了")
CORRECTS = re.compile(r"改|换|错|不对|不是|重新")
KEEPS = re.compile(r"不[改变寄]|不[要用]了|保持|算了")
GIVES_UP = re.compile(r"不[寄要办]了")
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
        case "faq" if sends and "goods" in slots:
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
    return "pickup_change" if corrects_booking(turn) else first_wish(turn.meaning)


def corrects_booking(turn: Turn) -> bool:
    """Whether a message with no waybill puts right the pickup that was booked just before (改到后天下午)."""
    meaning, change = turn.meaning, intents()["pickup_change"]
    if meaning.intent not in ("delivery_change", "inform", "pickup_booking") or "waybills" in meaning.slots:
        return False
    given = {source for slot in change.form.values() for source in slot.sources} & set(meaning.slots)
    given |= {name for name, slot in change.form.items() if slot.choices and choice(meaning, slot)}
    last = turn.conversation.memory.get("case")
    booked = any(case.number == last and case.kind == "pickup" for case in turn.facts.cases)
    return booked and bool(given) and CORRECTS.search(meaning.text) is not None


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
    otherwise = any(words.search(meaning.text) for words in (CANCEL, CORRECTS, WANTS_MORE))
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
    wish = intents()[meaning.intent]
    if meaning.intent in ("out_of_scope", "cancel"):
        return None
    answered = bool(changed & set(form.asked))
    if answered and (meaning.confidence < SURE or not QUESTION.search(meaning.text)):
        return None
    enough = SURE if meaning.slots or QUESTION.search(meaning.text) else CERTAIN
    if wish.form and meaning.confidence < enough and "waybills" not in meaning.slots:
        return None
    return wish


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
