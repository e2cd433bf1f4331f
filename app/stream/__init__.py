"""The stream floor: Faust under the road. `faust -A app.stream worker` runs a worker without the web's own pages."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Make the Faust app when `app` is asked for, from the environment's settings."""
    if name == "app":
        # Here, because nobody who imports a room of this floor wants a worker made.
        from app.settings import SettingsError, read_settings  # noqa: PLC0415
        from app.stream.assembly import create_app  # noqa: PLC0415
        from app.stream.crash import refuse  # noqa: PLC0415

        try:
            globals()[name] = create_app(read_settings())[0]
        except (SettingsError, FileNotFoundError) as error:
            refuse([str(error)])
        return globals()[name]
    raise AttributeError(name)
