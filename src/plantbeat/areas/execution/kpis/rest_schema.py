"""What the OpenAPI document says of the endpoints for measures."""

from __future__ import annotations

from typing import Any

from plantbeat.areas.execution.kpis.periods import PeriodChoice
from plantbeat.facts.views.cube_query import Cut

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer"}
_NUMBER: Schema = {"type": "number", "nullable": True}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _many(of: Schema) -> Schema:
    return {"type": "array", "items": of}


_ELEMENT = _object(name=_TEXT, unit=_TEXT)
_VALUE: dict[str, Schema] = {
    "value": _NUMBER | {"description": "the division in its unit; null where there is none"},
    "missing": _TEXT | {"nullable": True, "description": "why there is no value"},
    "numerator": _WHOLE,
    "denominator": _WHOLE,
    "n": _WHOLE | {"description": "pieces, stops, orders or sheets behind it"},
    "coverage": _NUMBER | {"description": "% of the planned time that data cover"},
    "interval": _many({"type": "number"}) | {"nullable": True, "description": "95 %, low and high"},
    "assumed": {"type": "boolean", "description": "an ideal time that nobody measured was used"},
    "remarks": _many(_TEXT),
    "target": _TEXT | {"format": "decimal", "nullable": True},
    "status": _TEXT | {"enum": ["good", "watch", "act", "none"]},
}
_QUESTION: dict[str, Schema] = {
    "measure": _TEXT,
    "unit": _TEXT,
    "site": _TEXT,
    "zone": _TEXT,
    "scope": _TEXT,
    "period": _object(first=_TEXT, last=_TEXT, shift=_WHOLE | {"nullable": True}, label=_TEXT),
    "where": {"type": "object"},
}
_FACT = _object(
    lsn=_WHOLE, t_us=_WHOLE, rx_us=_WHOLE, asset=_TEXT, kind=_TEXT, body={"type": "object"}, source=_TEXT,
    seq=_WHOLE | {"nullable": True}, taken_back_by=_WHOLE | {"nullable": True}, reason=_TEXT,
)  # fmt: skip
_RECORD = _object(
    reference=_TEXT, name=_TEXT, state=_TEXT | {"nullable": True},
    steps=_many(_object(at=_TEXT, label=_TEXT, reason=_TEXT)),
)  # fmt: skip

MEASURES = _object(
    items=_many(
        _object(
            code=_TEXT, name=_TEXT, unit=_TEXT, better=_TEXT | {"enum": ["higher", "lower"]}, source=_TEXT,
            numerator=_ELEMENT, denominator=_ELEMENT, cuts=_many(_TEXT | {"enum": list(Cut)}),
            kinds=_many(_TEXT),
        )
    )
)  # fmt: skip
VALUES = _object(
    **_QUESTION,
    as_of_us=_WHOLE | {"nullable": True, "description": "how far the place is computed, µs UTC"},
    **_VALUE,
    cut=_TEXT,
    agreement=_TEXT | {"enum": ["sums", "shares", "apart"]},
    parts=_many(_object(key={"description": "the part, as `where` takes it"}, label=_TEXT, **_VALUE)),
)
FACTS = _object(
    **_QUESTION, items=_many(_FACT), records=_many(_RECORD), page=_WHOLE, size=_WHOLE,
    more={"type": "boolean"},
)  # fmt: skip

_ASKS: dict[str, Schema] = {
    "site": _TEXT | {"description": "code of a site; without it the site in view"},
    "scope": _TEXT | {"description": "site, area:CODE, line:CODE or machine:CODE", "default": "site"},
    "period": _TEXT | {"enum": list(PeriodChoice), "default": "today"},
    "from": _TEXT | {"format": "date", "description": "first production day, with period=custom"},
    "to": _TEXT | {"format": "date", "description": "last production day, with period=custom"},
    "shift": _WHOLE | {"description": "a shift, with period=shift; without it the one worked now"},
    "cut": _TEXT | {"enum": list(Cut)},
    "where": _many(_TEXT)
    | {"description": "CUT:PART, once for each part opened; an empty part is what has none"},
}


def described(answer: Schema, *, asks: bool, pages: bool) -> dict[str, Any]:
    """An endpoint's parameters and answer for the OpenAPI document."""
    named = _ASKS if asks else {}
    named = named | ({"page": _WHOLE | {"default": 1}} if pages else {})
    parameters = [{"name": name, "in": "query", "schema": schema} for name, schema in named.items()]
    found = {"description": "the answer", "content": {"application/json": {"schema": answer}}}
    return {"parameters": parameters, "responses": {"200": found, "4XX": {"description": "refused"}}}
