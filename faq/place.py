"""An address by official names; a part that was not said or implied is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """`province`, `city`, `district` are official full names; a municipality is both province and city."""

    province: str = ""
    city: str = ""
    district: str = ""
    detail: str = ""

    @classmethod
    def from_slot(cls, slot: Mapping[str, str]) -> Place:
        return cls(*(slot.get(part) or "" for part in ("province", "city", "district", "detail")))

    def to_slot(self) -> dict[str, str]:
        """The slot form: only the parts that are known."""
        parts = {
            "province": self.province,
            "city": self.city,
            "district": self.district,
            "detail": self.detail,
        }
        return {name: value for name, value in parts.items() if value}

    @property
    def area(self) -> str:
        """Province, city and district as people write them: 上海市浦东新区."""
        city = "" if self.city == self.province else self.city
        return self.province + city + self.district

    def __str__(self) -> str:
        return self.area + self.detail
