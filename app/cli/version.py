"""`oncall version`."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from app import __version__
from app.cli import out
from app.cli.options import Json, examples

NAME = "version"
EPILOG = examples("oncall version --json")
BENEATH = ("faust-streaming", "aiokafka", "confluent-kafka", "fastavro", "pydantic")


def command(*, as_json: Json = False) -> None:
    """Print the version, and those of what it stands on."""
    found = {"oncall-runbooks": __version__, "python": platform.python_version()}
    found |= {name: _version(name) for name in BENEATH}
    if as_json:
        out.document(found)
    else:
        print(f"oncall {__version__} ({', '.join(f'{name} {v}' for name, v in list(found.items())[1:])})")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
