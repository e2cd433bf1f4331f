"""CloudEvents in JSON, structured mode: `data` may be anything there; ours is a map of scalars, lists and maps."""

from __future__ import annotations

import json
from typing import Any

_SCALARS = (bool, int, float, str, type(None))


def with_flat_data(event: Any) -> Any:
    """Give the event with data of our shape: what is deeper stands there as JSON text, what is no map as `data`."""
    if not isinstance(event, dict) or event.get("data") is None:
        return event
    data = event["data"]
    whole = data if isinstance(data, dict) else {"data": data}
    return {**event, "data": {name: _flat(value) for name, value in whole.items()}}


def _flat(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _leaf(each) for name, each in value.items()}
    return [_leaf(each) for each in value] if isinstance(value, list) else value


def _leaf(value: Any) -> Any:
    return value if isinstance(value, _SCALARS) else json.dumps(value, ensure_ascii=False)
