"""Bodies of requests: JSON read into typed models."""

from __future__ import annotations

import json
import math
from typing import NoReturn, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.api.problems import Problem, invalid
from bot.untext import mend_all

Model = TypeVar("Model", bound=BaseModel)


async def read_body(request: web.Request, model: type[Model], *, mend: bool = False) -> Model:
    """The JSON body as a model; 400 where it is no JSON, 422 with each field's reason where it is bad.

    `mend`: what is no text is left out instead of refused, because a customer could not put it right.
    """
    try:
        data = json.loads(await request.text(), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "Bad Request", f"expected a JSON body: {error}") from None
    faults: dict[str, str] = {}
    data = mend_all(data, lambda place, reason: faults.update({place or "body": reason}))
    if faults and not mend:
        raise invalid("body", faults)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        errors = {".".join(map(str, each["loc"])) or "body": str(each["msg"]) for each in error.errors()}
        raise invalid("body", errors) from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits} is too large")
    return value
