"""Places in a message: official names, and what each is for (labels `origin`, `destination`, `place`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from faq.divisions import complete, divisions
from faq.place import Place
from intents.slots.address_area import LETTER, Area, find_area
from intents.slots.address_detail import detail_end, find_details
from intents.slots.address_latin import find_latin
from intents.slots.address_names import lexicon
from intents.slots.address_role import SEEN, headings, is_elsewhere, is_speakers, joins, role_of
from intents.slots.address_sound import find_misheard, is_said_before
from intents.slots.address_words import words


@dataclass(frozen=True)
class FoundPlace:
    """A place at text[start:end]; `role` is origin, destination, ELSEWHERE, or "" where none is said."""

    place: Place
    start: int
    end: int
    role: str


ELSEWHERE = "elsewhere"
"""The role of a place that only tells where a parcel is now."""
SEPARATOR = re.compile(r"\s?(?:详细|具体)(?:地址)?[:： ]{0,2}|[ \t,:：、|/-]{1,3}|的")
STREETLIKE = re.compile(r"[路街道巷弄村镇苑园城厦场心寓区庭府]|\d")
PERSON = re.compile(r"先生|女士|小姐|老师|师傅|经理|总(?![部共站])|阿姨|大哥|哥|姐")
NAME_LABEL = re.compile(
    r"(?:收件人|寄件人|联系人|收货人|发件人|姓名|名字|我叫|名叫|叫做|我姓)(?:是|叫|为)?[:： ]*[一-龥]{0,2}$"
)
NAME_END = re.compile(r"[一-龥]?(?:$|[\s,;\d+])")
COMPANY = re.compile(r"[^,.。!?\s]{1,14}?(?:有限公司|股份|集团)")
COUNTED = re.compile(r"(?:[\d一二两三四五六七八九十几半多][箱盒瓶斤袋包件罐条只份提个张本双])的?$")
NOUN = re.compile(r"[一-龥]{2}")
NO_NOUN = re.compile(r"多少|要|几|寄|发|到|运费|可以|能|怎么|快递|吗|给|送|那边|这边|的")
SENT = re.compile(r"[到往至去](?:了|老家)?$")
TOWN = re.compile(r"(?:街道|镇|乡|社区|村)$")
NEARBY = 12
"""How far apart a place and the rest of its address may stand and still be one."""
MOST = 20
"""Places read of one message."""


def find_places(text: str) -> list[FoundPlace]:
    """The places of a message, in order. The text is Simplified and half-width; spans are of this text.

    Where a parcel is now has the role ELSEWHERE; the names of goods, people and companies are no places.
    """
    return _joined(_with_roles(text, _with_bare_details(text, _areas(text))))


def _areas(text: str) -> list[FoundPlace]:
    """Every chain of divisions with its detail, roles not yet known."""
    found: list[FoundPlace] = []
    lengths = lexicon().lengths
    last = len(text) - 1
    at = 0 if lengths.keys() & [text[at : at + 2] for at in range(last)] else last
    while at < last and len(found) < MOST:
        if text[at : at + 2] not in lengths:
            at += 1
            continue
        area = find_area(text, at)
        if isinstance(area, Area):
            place = _read(text, area)
            if not _is_a_name(text, area, place.end):
                found.append(replace(place, start=is_said_before(text, area.start, area.units)))
            at = place.end
        else:
            at = area or at + 1
    found += [_read(text, area) for area in find_misheard(text, [(each.start, each.end) for each in found])]
    latin = [FoundPlace(place, start, end, "") for place, start, end in find_latin(text)[:MOST]]
    return sorted([*_with_letters(text, found), *latin], key=lambda place: place.start)


def _with_letters(text: str, found: list[FoundPlace]) -> list[FoundPlace]:
    """Adds 京, 沪 … where they stand as a whole place."""
    table = divisions()
    letters = [
        FoundPlace(table.place(lexicon().letters[match[1]]), match.start(), match.end(), "")
        for match in LETTER.finditer(text)
        if not any(place.start <= match.start() < place.end for place in found)
    ]
    return sorted(found + letters, key=lambda place: place.start) if letters else found


def _read(text: str, area: Area) -> FoundPlace:
    """A chain with the detail that follows it."""
    start, end = area.end, area.end
    if area.detail_from < area.end:
        start = area.detail_from
        end = max(end, detail_end(text, start, area.units))
    else:
        end = detail_end(text, start, area.units)
        if end == start:
            start, end = _after_separator(text, area)
    return FoundPlace(replace(area.place, detail=text[start:end]), area.start, end, "")


def _after_separator(text: str, area: Area) -> tuple[int, int]:
    """A detail after a space, a comma or 的: it must look like a street or have a number."""
    gap = SEPARATOR.match(text, area.end)
    if gap:
        end = detail_end(text, gap.end(), area.units)
        piece = text[gap.end() : end]
        if _is_another_city(find_area(text, gap.end()), area):
            return area.end, area.end
        if STREETLIKE.search(piece) and (gap[0].isspace() or re.search(r"\d|路|街", piece)):
            return gap.end(), end
    return area.end, area.end


def _is_another_city(following: Area | int | None, area: Area) -> bool:
    """Whether what follows is an address of its own (寄到苏州,杭州西湖区文三路90号)."""
    if not isinstance(following, Area) or (following.shorthand and len(following.units) < 2):
        return False
    return bool(following.place.city) and following.place.city != area.place.city


def _is_a_name(text: str, area: Area, end: int) -> bool:
    """Whether a single short name is that of goods, a person or a company."""
    if not area.shorthand or end > area.end:
        return False
    before = text[max(0, area.start - 10) : area.start]
    if not SENT.search(before):
        if words().specialities.match(text, end + (text[end : end + 1] == "的")):
            return True
        if COUNTED.search(before) and NOUN.match(text, end) and not NO_NOUN.match(text, end):
            return True
        if COMPANY.match(text, end):
            return True
    if all(unit.level == 3 for unit in area.units) and PERSON.match(text, end):
        return True
    return bool(NAME_LABEL.search(before) and NAME_END.match(text, end) and not SENT.search(before))


def _with_bare_details(text: str, areas: list[FoundPlace]) -> list[FoundPlace]:
    """Adds the details that stand without a division (文三路90号, 12号楼3单元401)."""
    found: list[FoundPlace] = []
    at = 0
    for area in [*areas, None]:
        until = area.start if area else len(text)
        found += (
            FoundPlace(Place(detail=text[start:end]), start, end, "")
            for start, end in find_details(text, at, until)
        )
        if area:
            found.append(area)
            at = area.end
    return found


def _with_roles(text: str, places: list[FoundPlace]) -> list[FoundPlace]:
    """Each place with its role."""
    found: list[FoundPlace] = []
    away: list[FoundPlace] = []
    previous: FoundPlace | None = None
    heads, heading = (headings(text) if places else []), ""
    for place in places:
        while heads and heads[0][0] < place.start:
            heading = heads.pop(0)[1]
        floor = previous.end if previous else 0
        before, after = text[max(floor, place.start - SEEN) : place.start], text[place.end : place.end + SEEN]
        previous = place
        if is_elsewhere(before, after):
            away.append(replace(place, role=ELSEWHERE))
            continue
        role = role_of(before, after)
        if found and joins(text[found[-1].end : place.start]) and found[-1].role in ("", "origin"):
            found[-1] = replace(found[-1], role="origin")
            role = "destination"
        found.append(replace(place, role=role or heading))
    if any(place.role == "destination" for place in found):
        found = [
            replace(place, role="origin")
            if not place.role and is_speakers(text[max(0, place.start - SEEN) : place.start])
            else place
            for place in found
        ]
    return sorted([*found, *away], key=lambda place: place.start)


def _joined(places: list[FoundPlace]) -> list[FoundPlace]:
    """Parts of one address that stand apart, put together: 我在杭州,西湖区文三路90号."""
    found: list[FoundPlace] = []
    for place in places:
        for index, earlier in enumerate(found):
            both = _merged(earlier, place)
            if both:
                found[index] = both
                break
        else:
            found.append(place)
    return found


def _merged(one: FoundPlace, other: FoundPlace) -> FoundPlace | None:
    """Both as one place, or None where they contradict each other or stand too far apart."""
    if one.role != other.role and ((one.role and other.role) or ELSEWHERE in (one.role, other.role)):
        return None
    a, b = one.place, other.place
    detail = a.detail or b.detail
    if a.detail and b.detail and a.detail != b.detail:
        if b.area or other.start - one.end > NEARBY or not TOWN.search(a.detail):
            return None
        detail = a.detail + b.detail
    if not (a.area and b.area) and other.start - one.end > NEARBY:
        return None
    pairs = ((a.province, b.province), (a.city, b.city), (a.district, b.district))
    if any(x and y and x != y for x, y in pairs):
        return None
    province, city, district = (x or y for x, y in pairs)
    place = Place(province, city, district, detail)
    if place.area:
        readings = complete(place)
        if not readings:
            return None
        place = readings[0] if len(readings) == 1 else place
    finer = max(one, other, key=lambda found: (bool(found.place.detail), bool(found.place.district)))
    return FoundPlace(place, finer.start, finer.end, one.role or other.role)
