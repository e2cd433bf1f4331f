"""The composition root of a worker: the stream and the web's pages in one process. `python -m app.worker` runs one.

So does Faust's own command, `faust -A app.stream worker`, with the environment's settings and Faust's options.
"""

from __future__ import annotations

import sys

from app.settings import Settings, SettingsError, read_settings
from app.stream import worker
from app.stream.crash import refuse
from app.stream.faust_app import OncallApp
from app.stream.runtime import Runtime
from app.web import register
from app.web.guard import NotLoopbackError


def run(settings: Settings) -> int:
    """Run a worker with its web until SIGTERM or Ctrl-C; give its exit code (0 orderly, 1 failed, 2 may not start)."""
    return worker.run(settings, with_pages)


def make_from_environment() -> OncallApp:
    """Make the app for Faust's own command, from the environment's settings; refuse where they are wrong."""
    return worker.make(_settings(), with_pages)


def with_pages(app: OncallApp, runtime: Runtime) -> None:
    """Hang the web's pages into the app."""
    try:
        register(app, runtime)
    except NotLoopbackError as error:
        refuse([str(error)])


def _settings() -> Settings:
    try:
        return read_settings()
    except (SettingsError, FileNotFoundError) as error:
        refuse([str(error)])


if __name__ == "__main__":
    sys.exit(run(_settings()))
