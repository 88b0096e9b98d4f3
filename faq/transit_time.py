"""How long a parcel travels on a route, and the days on which it may arrive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from faq.place import Place
from faq.price import Rates


@dataclass(frozen=True, slots=True)
class TransitTime:
    """Days of transit after the day of collection; `days` is shown as `1-2` or `1`."""

    carrier: str
    min_days: int
    max_days: int
    days: str

    def arrival(self, collected: date) -> tuple[date, date]:
        """The first and the last day on which a parcel collected on a day is expected."""
        return collected + timedelta(days=self.min_days), collected + timedelta(days=self.max_days)


def transit_time(rates: Rates, origin: Place, destination: Place, carrier: str = "own") -> TransitTime | None:
    """The transit time of a route by rates.csv; None where the carrier has no rate for it."""
    rate = rates.find(origin, destination, carrier)
    if rate is None:
        return None
    return TransitTime(carrier, rate.min_days, rate.max_days, rate.days)
