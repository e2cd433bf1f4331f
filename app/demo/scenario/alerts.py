"""A short way to write an alert's labels."""

from __future__ import annotations


def alert(name: str, severity: str, **labels: str) -> dict[str, str]:
    """Give the labels of an alert."""
    return {"alertname": name, "severity": severity, **labels}
