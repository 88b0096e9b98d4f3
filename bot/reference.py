"""The courier's data folder → Knowledge, with every fault of every file told at once."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.config import WEEKDAYS, Settings
from faq.answer import Entries, Entry, check_entries, read_entry
from faq.answer_values import entry_values
from faq.branches import read_branches
from faq.faults import Fault
from faq.knowledge import Knowledge
from faq.price import Billing, read_rates
from faq.prohibited_goods import read_goods, shipped_catalogue
from faq.service_area import read_areas
from faq.service_hours import DeskHours, PickupHours
from faq.services import read_services
from faq.shipment import shipment_from_json

COLUMNS = {
    "areas.csv": ("province", "city", "district", "town", "pickup", "deliver", "ems"),
    "rates.csv": (
        "carrier",
        "from_province",
        "from_city",
        "to_province",
        "to_city",
        "first_kg",
        "first",
        "add_per_kg",
        "days",
    ),
    "branches.csv": ("code", "name", "province", "city", "district", "phone", "hours"),
}


def read_knowledge(settings: Settings) -> tuple[Knowledge, list[Fault]]:
    """Everything the courier knows; where there are faults, what could be read and the faults."""
    faults: list[Fault] = []
    folder = settings.data_folder
    if not folder.is_dir():
        faults.append(Fault("config.yaml", "data", "a folder of reference data", settings.data))
    overlay = read_goods(_yaml(folder / "goods.yaml", list, faults) or [], faults)
    knowledge = Knowledge(
        company=settings.company.name,
        hotline=settings.company.hotline,
        goods=shipped_catalogue().with_overlay(overlay),
        areas=read_areas(_rows(folder / "areas.csv", faults), faults),
        rates=read_rates(_rows(folder / "rates.csv", faults), faults),
        billing=Billing(settings.billing.round_up_to_kg, settings.billing.volume_divisor),
        services=read_services(_yaml(folder / "services.yaml", dict, faults) or {}, faults),
        branches=read_branches(_rows(folder / "branches.csv", faults), faults),
        pickup=PickupHours(
            *settings.pickup.hours,
            settings.pickup.lead_minutes,
            settings.pickup.max_days_ahead,
            frozenset(settings.pickup.closed_days),
        ),
        desk=DeskHours(
            *settings.desk.hours,
            frozenset(WEEKDAYS.index(day) for day in settings.desk.days),
            frozenset(settings.desk.closed_days),
            settings.desk.breaks,
            frozenset(settings.desk.work_days),
        ),
        entries=Entries(_entries(folder / "faq", faults)),
    )
    faults.extend(check_entries(knowledge.entries, entry_values(knowledge)))
    return knowledge, faults


def read_demo_shipments(settings: Settings) -> tuple[dict[str, dict[str, Any]], list[Fault]]:
    """The parcels of shipments.json by waybill; a demo's are loaded at its first start."""
    faults: list[Fault] = []
    path = settings.data_folder / "shipments.json"
    if not path.exists():
        return {}, faults
    try:
        rows = json.loads(path.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        return {}, [Fault(path.name, _place(error), "a JSON list of shipments")]
    shipments: dict[str, dict[str, Any]] = {}
    for index, row in enumerate(rows, start=1):
        try:
            shipment_from_json(row["waybill"], row)
            shipments[row["waybill"]] = row
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            faults.append(
                Fault(path.name, f"item {index}", "a shipment as in the HTTP contract", repr(error))
            )
    return shipments, faults


def _rows(path: Path, faults: list[Fault]) -> list[Mapping[str, str]]:
    """The rows of a CSV file with the header that the contract gives it."""
    wanted = COLUMNS[path.name]
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header = tuple(reader.fieldnames or ())
            if set(wanted) - set(header):
                lacking = ", ".join(name for name in wanted if name not in header)
                faults.append(Fault(path.name, "header", "the columns " + ", ".join(wanted), f"no {lacking}"))
                return []
            return [{key: (row[key] or "").strip() for key in wanted} for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        faults.append(Fault(path.name, "file", "a CSV file in UTF-8", type(error).__name__))
        return []


def _yaml(path: Path, kind: type, faults: list[Fault]) -> Any:
    if not path.exists():
        if path.name != "goods.yaml":
            faults.append(Fault(path.name, "file", "a YAML file", "none"))
        return None
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        faults.append(Fault(path.name, _place(error), "valid YAML in UTF-8"))
        return None
    if data is not None and not isinstance(data, kind):
        faults.append(Fault(path.name, "top level", f"a {kind.__name__}", type(data).__name__))
        return None
    return data


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    line = getattr(error, "lineno", None) or (mark.line + 1 if mark else None)
    return f"line {line}" if line else "file"


def _entries(folder: Path, faults: list[Fault]) -> list[Entry]:
    entries = []
    for path in sorted(folder.glob("*.md")):
        try:
            entry = read_entry(path.stem, path.read_text("utf-8"), faults)
        except UnicodeDecodeError:
            faults.append(Fault(f"faq/{path.name}", "file", "text in UTF-8"))
            continue
        if entry is not None:
            entries.append(entry)
    return entries
