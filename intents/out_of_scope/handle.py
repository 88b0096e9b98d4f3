"""What a courier's desk does not do, or what was not understood; the second in a row goes to a person."""

from __future__ import annotations

from intents.faq.handle import handle as answer_question
from intents.meaning import Decision, Reply, Turn
from intents.wording import wording

say = wording("out_of_scope")

CHOICES = tuple(map(say, ("book", "track", "price", "complain", "person")))
FITS = 75.0
"""From this score a written entry is the answer, whatever the classifier made of the question."""


def handle(turn: Turn) -> Decision:
    """A written entry that fits well is given; else the customer is shown what we can do."""
    found = turn.knowledge.entries.search(turn.meaning.text, 1)
    if found and found[0].score >= FITS:
        return answer_question(turn)
    return Decision(
        (Reply(say("not_understood"), CHOICES),),
        turn.conversation.forms,
        misunderstood=turn.conversation.misunderstood + 1,
    )
