"""What every reply must keep, whatever it is about (issue: polite, short, no promise, nothing unfilled)."""

from __future__ import annotations

import re

LONGEST = 500
UNFILLED = re.compile(r"[{}⟦⟧]|\bNone\b|undefined|Decimal|datetime")
TOO_FINE = re.compile(r"\d+\.\d{3,}(?=元)")
PROMISES = re.compile(r"法律规定|同意赔付|保证(?:赔|送达)|一定(?:赔|送到)|三倍|3倍")
RUDE = re.compile(r"你自己|没办法|不归我们|^不知道。?$")


def check_words(text: str) -> None:
    """Fails where a reply breaks one of the rules of wording."""
    assert text.strip(), "an empty reply"
    assert len(text) <= LONGEST, f"{len(text)} characters: {text}"
    for rule in (UNFILLED, TOO_FINE, PROMISES, RUDE):
        found = rule.search(text)
        assert found is None, f"{found} in {text}"
