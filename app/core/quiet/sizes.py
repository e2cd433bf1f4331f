"""About how much of a record something takes."""

from __future__ import annotations

from collections.abc import Mapping

from app.model.inputs import Alert


def alert_size(alert: Alert) -> int:
    """Give about how many bytes an alert that is kept takes."""
    return 400 + len(alert.generator_url) + texts_size(alert.labels) + texts_size(alert.annotations)


def texts_size(texts: Mapping[str, str]) -> int:
    """Give about how many bytes labels or annotations take."""
    return sum(len(name) + len(text) + 6 for name, text in texts.items())
