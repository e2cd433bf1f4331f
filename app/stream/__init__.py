"""The stream floor: Faust under the road. `faust -A app.stream worker` runs the same worker as `oncall worker`."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """Make the whole worker's app when `app` is asked for, from the environment's settings."""
    if name != "app":
        raise AttributeError(name)
    # By name and only now: what puts a worker together is on a floor above, and no room of this one needs it.
    globals()[name] = import_module("app.worker").make_from_environment()
    return globals()[name]
