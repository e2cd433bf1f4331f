"""Schedules of a few lines, for tests."""

from __future__ import annotations

from app.library.compile import compile_library
from app.model.library import Library

PEOPLE = ("ann", "bob", "cai", "dee", "eli", "fay", "gus", "hal", "ivy", "jon", "kim", "lal", "mia", "nor")
WHO = "people:\n" + "".join(f"  {name}: {{}}\n" for name in PEOPLE)


def library_of(text: str, **files: str) -> Library:
    """Compile manifests of these people and this text; files are named `plan_ics` for plan.ics."""
    named = {name.replace("_", "."): each for name, each in files.items()}
    return compile_library({"rota.yaml": WHO + text, **named})
