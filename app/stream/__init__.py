"""The stream floor: Faust under the road. `faust -A app.stream worker` runs a worker without the web's own pages."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Make the Faust app when `app` is asked for, from the environment's settings."""
    if name == "app":
        from app.settings import Settings  # noqa: PLC0415 - nobody who imports a room of this floor wants a worker made
        from app.stream.assembly import create_app  # noqa: PLC0415

        globals()[name] = create_app(Settings())[0]
        return globals()[name]
    raise AttributeError(name)
