"""Turn → Decision, pure: a form goes on, an aside is answered, a wish begins, or a person is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from faq.place import Place
from intents.alarm import alarm
from intents.form import Ask, Close, Confirm, Spec, Step, add_evidence, fill, read_answer, reopened
from intents.identity import about_identity, is_party
from intents.meaning import AskHuman, Conversation, Decision, Form, Meaning, Reply, Turn
from intents.queue_words import about_queue, queued
from intents.registry import Intent, intents
from intents.wanted import CORRECTS, asked_beside, is_cancel, is_yes, question_in, wish_beside, wish_of
from intents.wording import wording

say = wording("dialogue")

MISSES_TO_HUMAN = 3
MISUNDERSTOOD_TO_HUMAN = 2
MAX_PARKED = 2
PROOF = ("verified",)
"""What a form asks for that goes on only with a party to the parcel, or a person of ours."""
ANOTHER_WAY = "change"
"""Who names another way to handle his parcel (那算了，我去自取) gives up only the first."""
SAYS_NO_WISH = frozenset({"out_of_scope", "smalltalk", "affirm"})
"""What is said with a picture only tells what it is (这是发票)."""
ASKED_ABOUT = ("goods", "origin", "destination", "weight_kg", "size_cm", "pieces")


def decide(turn: Turn) -> Decision:
    """What to say and do about one message."""
    decision = _respond(turn)
    return _heed_alarm(turn, decision)


def _respond(turn: Turn) -> Decision:
    if not turn.meaning.text and not turn.attachments:
        return _proved(turn)
    forms = turn.conversation.forms
    identity = about_identity(turn.meaning.text)
    if identity and not is_party(turn) and (not forms or forms[-1].asked == PROOF):
        return Decision((identity,), forms)
    waiting = about_queue(turn)
    if waiting:
        return waiting
    if turn.meaning.intent == "human":
        decision: Decision = intents()["human"].module.handle(turn)
        return decision
    return _continue(turn) if forms else _begin(turn)


def _proved(turn: Turn) -> Decision:
    """No word, no picture: the channel has proved the customer's phone; what was open goes on."""
    proved = Reply(say("phone_proved"))
    if not turn.conversation.forms:
        return Decision((proved,))
    *parked, form = turn.conversation.forms
    return _prefixed((proved,), _advance(turn, form, tuple(parked)))


def _heed_alarm(turn: Turn, decision: Decision) -> Decision:
    """A regulator or threat at once, swearing or despair the second time, go to a person (rules: queue)."""
    found = alarm(turn.meaning.text)
    if not found or any(isinstance(effect, AskHuman) for effect in decision.effects):
        return decision
    if found == "upset" and not turn.conversation.memory.get("upset"):
        return replace(decision, memory={**decision.memory, "upset": True})
    if turn.conversation.handled_by != "bot":
        return replace(decision, effects=(*decision.effects, AskHuman(found)))
    reply, ask = queued(turn, found)
    return replace(decision, replies=(*decision.replies, reply), effects=(*decision.effects, ask))


def _begin(turn: Turn) -> Decision:
    """No form is open: what the message wants begins."""
    label = wish_of(turn)
    intent = intents()["inform" if turn.attachments and label in SAYS_NO_WISH else label]
    turn = replace(turn, meaning=replace(turn.meaning, intent=intent.label))
    before = _also_answered(turn)
    if intent.form:
        opened = _prefixed(before, _open(turn, intent))
        return replace(opened, memory={**opened.memory, "asked_about": None})
    decision: Decision = _noting_question(turn, intent.module.handle(turn))
    decision = replace(decision, missed=decision.misunderstood > 0)
    if decision.misunderstood >= MISUNDERSTOOD_TO_HUMAN:
        reply, ask = queued(turn, "not_understood")
        decision = replace(decision, replies=(reply,), effects=(*decision.effects, ask), misunderstood=0)
    return _prefixed(before, decision)


def _noting_question(turn: Turn, decision: Decision) -> Decision:
    """What a question named (从杭州寄到北京3公斤多少钱) need not be said again in the order that follows."""
    slots = turn.meaning.slots
    if turn.meaning.intent != "faq":
        return decision
    named = {name: slots[name] for name in ASKED_ABOUT if name in slots}
    if "place" in slots:
        named.setdefault("destination", slots["place"])
    return replace(decision, memory={**decision.memory, "asked_about": named or None})


def _also_answered(turn: Turn) -> tuple[Reply, ...]:
    """The second wishes that can be answered in passing, each by the clause that asks."""
    replies: list[Reply] = []
    asked = question_in(turn)
    for label in turn.meaning.also:
        intent = intents().get(label)
        if intent and intent.aside and not intent.form and label != "smalltalk":
            aside = replace(turn, meaning=replace(asked, intent=label, also=()))
            decision = intent.module.handle(aside)
            if not decision.misunderstood:
                replies.extend(decision.replies)
    return tuple(replies)


def _prefixed(before: tuple[Reply, ...], decision: Decision) -> Decision:
    return replace(decision, replies=(*before, *decision.replies)) if before else decision


def _open(turn: Turn, intent: Intent, parked: tuple[Form, ...] = ()) -> Decision:
    asked = turn.conversation.memory.get("asked_about") if intent.label == "pickup_booking" else None
    form = Form(id=uuid4().hex, intent=intent.label, slots=asked or {})
    form, _ = _filled(form, turn)
    form, _ = add_evidence(form, turn, intent.form)
    return _advance(turn, form, parked)


def _filled(form: Form, turn: Turn) -> tuple[Form, frozenset[str]]:
    """The form with all that a message gives, also what only its own handler can read."""
    intent = intents()[form.intent]
    filled, changed = fill(form, turn.meaning, intent.form)
    take = getattr(intent.module, "take", None)
    taken = take(filled, turn) if take else filled
    names = {*taken.slots, *filled.slots}
    return taken, changed | {name for name in names if taken.slots.get(name) != filled.slots.get(name)}


def _advance(turn: Turn, form: Form, parked: tuple[Form, ...]) -> Decision:
    form, step = intents()[form.intent].module.advance(form, turn)
    return _take(turn, form, step, parked)


def _take(turn: Turn, form: Form, step: Step, parked: tuple[Form, ...]) -> Decision:
    """Turn a handler's step into what is kept of the form."""
    match step:
        case Ask(slots=slots):
            forms = (*parked, replace(form, asked=slots, confirming=False))
        case Confirm():
            forms = (*parked, replace(form, asked=(), confirming=True))
        case Close() if parked:
            return _resume(turn, step, parked)
        case Close():
            forms = ()
    return Decision(step.replies, forms, step.effects, memory=step.memory)


def _resume(turn: Turn, done: Close, parked: tuple[Form, ...]) -> Decision:
    """A form was parked for the one that just closed: go on with it."""
    quiet = replace(turn, meaning=Meaning(text="", intent="inform", confidence=1.0))
    back = _advance(quiet, parked[-1], parked[:-1])
    again = Reply(say("resume_" + parked[-1].intent))
    return replace(
        back,
        replies=(*done.replies, again, *back.replies),
        effects=(*done.effects, *back.effects),
        memory={**done.memory, **back.memory},
    )


def _continue(turn: Turn) -> Decision:
    """A form is open: the message answers it, asks something in between, or wants something else."""
    *parked_list, form = turn.conversation.forms
    parked, spec = tuple(parked_list), intents()[form.intent].form
    filled, changed = _filled(form, turn)
    filled, added = add_evidence(filled, turn, spec)
    if not changed and not added and _answers_parked(turn):
        # What was begun in between waits its turn; a form in which nothing was said is dropped.
        forms = (*parked[:-1], form, parked[-1]) if form.slots else parked
        return _continue(replace(turn, conversation=replace(turn.conversation, forms=forms)))
    if is_cancel(turn.meaning, form) and not changed & {*form.asked, ANOTHER_WAY}:
        return _take(turn, form, Close((Reply(say("cancelled_" + form.intent)),)), parked)
    wish = wish_beside(turn, form, changed)
    if wish is not None and wish.aside:
        return _aside(turn, form, wish, parked)
    if wish is not None:
        return _open(turn, wish, (*parked, form)[-MAX_PARKED:])
    if form.confirming and not changed and not added and is_yes(turn.meaning, form):
        done = intents()[form.intent].module.complete_form(form, turn)
        # What was read back may no longer hold, such as a time that has passed: it is read back anew.
        return _take(turn, form, done, parked) if isinstance(done, Close) else _advance(turn, form, parked)
    if not changed and not added:
        filled, changed = read_answer(form, turn.meaning, spec)
    if not changed and not added and not _says_again(turn.meaning, spec):
        return _missed(turn, form, parked)
    thanks = (Reply(say("evidence_kept")),) if added else ()
    return _prefixed(thanks, _noted(form, changed, _advance(turn, replace(filled, misses=0), parked)))


def _noted(form: Form, changed: frozenset[str], decision: Decision) -> Decision:
    """Where something else was said than what was asked, and is asked again, it is acknowledged."""
    asked_again = decision.forms and form.asked and decision.forms[-1].asked == form.asked
    beside = changed and not changed & set(form.asked) and len(decision.replies) == 1
    if not asked_again or not beside:
        return decision
    spec = intents()[form.intent].form
    names = [slot.called[0] for name, slot in spec.items() if name in changed and slot.called]
    return _prefixed((Reply(say("noted", names=names)),), decision)


def _says_again(meaning: Meaning, spec: Spec) -> bool:
    """Whether a message gives the form a value, if only one that it has."""
    return any(source in meaning.slots for slot in spec.values() for source in slot.sources)


def _answers_parked(turn: Turn) -> bool:
    """Whether a message says nothing about the open form, but answers what the one below it asked last."""
    if len(turn.conversation.forms) < 2:
        return False
    below = turn.conversation.forms[-2]
    _, changed = fill(below, turn.meaning, intents()[below.intent].form)
    return bool(changed & set(below.asked))


def _aside(turn: Turn, form: Form, wish: Intent, parked: tuple[Form, ...]) -> Decision:
    """Answer in between, keep what the message gives the form besides, and ask the open question again."""
    spec = intents()[form.intent].form
    form, _ = fill(form, turn.meaning, spec, skip={*wish.slots, "place"})
    if wish.form:
        asked, _ = fill(Form(uuid4().hex, wish.label), turn.meaning, wish.form)
        asked, step = wish.module.advance(asked, turn)
        if not isinstance(step, Close):
            return _take(turn, asked, step, (*parked, form)[-MAX_PARKED:])
        answer = Decision(step.replies, effects=step.effects, memory=step.memory)
    else:
        answer = wish.module.handle(
            replace(
                turn,
                meaning=asked_beside(turn, wish),
                conversation=replace(turn.conversation, forms=(*parked, form)),
            )
        )
    if answer.misunderstood and not answer.replies:
        return _missed(turn, form, parked)
    back = _advance(turn, form, parked)
    return replace(
        back,
        replies=(*(_in_passing(reply, wish) for reply in answer.replies), *back.replies),
        effects=(*answer.effects, *back.effects),
        memory={**answer.memory, **back.memory},
    )


def _in_passing(reply: Reply, wish: Intent) -> Reply:
    """What to do next is up to the open form; only a question about the question keeps its choices."""
    return reply if wish.label == "faq" else replace(reply, choices=())


def _whose_place(form: Form, meaning: Meaning) -> Reply | None:
    """An address with no role, where the form has two that it might mean."""
    roles = [name for name, slot in intents()[form.intent].form.items() if slot.address]
    place = meaning.slots.get("place")
    if not place or len(roles) < 2:
        return None
    choices = tuple(say(f"{role}_is", place=Place.from_slot(place)) for role in roles)
    return Reply(say("whose_place"), choices)


def _missed(turn: Turn, form: Form, parked: tuple[Form, ...]) -> Decision:
    """The question was not answered: ask again more plainly, and the third time ask a person."""
    proved = form.asked == PROOF and turn.conversation.verified_phone is not None
    if proved or (turn.meaning.intent == "affirm" and not form.confirming) or alarm(turn.meaning.text):
        return _advance(turn, form, parked)
    if form.confirming and (turn.meaning.intent == "deny" or CORRECTS.search(turn.meaning.text)):
        again = reopened(form, turn.meaning, intents()[form.intent].form)
        if again != form:
            return _advance(turn, again, parked)
        return Decision((Reply(say("what_to_change")),), (*parked, form))
    whose = _whose_place(form, turn.meaning)
    if whose is not None:
        return Decision((whose,), (*parked, form))
    misses = form.misses + 1
    form = replace(form, misses=misses)
    if misses >= MISSES_TO_HUMAN:
        reply, ask = queued(turn, "form_failed")
        return Decision((reply,), (*parked, replace(form, misses=0)), (ask,), missed=True)
    back = _advance(turn, form, parked)
    return replace(back, replies=(Reply(say("not_understood_in_form")), *back.replies), missed=True)


def remember(conversation: Conversation, decision: Decision) -> Mapping[str, Any]:
    """The memory after a decision: new things over the old; None forgets.

    What was offered, and that a person was asked for, is true for the next message only.
    """
    asked = any(isinstance(effect, AskHuman) for effect in decision.effects)
    memory = {**conversation.memory, "offered": None, "queued": asked or None, **decision.memory}
    memory["choices"] = list(decision.replies[-1].choices) if decision.replies else []
    return {key: value for key, value in memory.items() if value not in (None, [])}
