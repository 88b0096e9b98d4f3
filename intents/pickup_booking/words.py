"""The words of the booking, read once for all its parts."""

from intents.wording import wording

say = wording("pickup_booking")

PERSON = "person"
"""Among what was told in a form: that a person of ours decides. It is asked for once."""
