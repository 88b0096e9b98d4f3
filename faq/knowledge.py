"""All that the courier knows and promises, in one value that is built at the start and then only read."""

from __future__ import annotations

from dataclasses import dataclass, field

from faq.answer import Entries
from faq.branches import Branches
from faq.price import Billing, Rates
from faq.prohibited_goods import GoodsCatalogue
from faq.service_area import Areas
from faq.service_hours import DeskHours, PickupHours
from faq.services import Services


@dataclass(frozen=True)
class Knowledge:
    company: str
    hotline: str
    goods: GoodsCatalogue
    areas: Areas
    rates: Rates
    billing: Billing
    services: Services
    branches: Branches
    pickup: PickupHours
    desk: DeskHours
    entries: Entries = field(default_factory=Entries)
