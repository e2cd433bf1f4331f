"""A signal with the domain it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from app.model.signals import Signal


@dataclass(frozen=True, slots=True)
class Placed:
    """A signal and its correlation domain."""

    domain: str
    signal: Signal
