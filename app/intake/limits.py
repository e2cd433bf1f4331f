"""How large an input may be. What is larger is a final answer, a dead letter, and never a restart."""

from __future__ import annotations

import json
import math

from app.model.base import Values
from app.model.inputs import Alert
from app.wire.errors import WireError

LABELS = 64
"""Labels of an alert."""
LABEL_NAME = 256
"""Characters of a label's or annotation's name."""
LABEL_VALUE = 4 * 1024
"""Characters of a label's value."""
ANNOTATIONS = 64
"""Annotations of an alert."""
ANNOTATION_VALUE = 16 * 1024
"""Characters of an annotation's value."""
TEXT = 16 * 1024
"""Characters of any other text."""
DOMAIN = 1024
"""Characters of the domain that an answer names."""
ACTOR = 256
"""Characters of each part of an actor, which a record holds for every line of a timeline."""
NAME = 1024
"""Characters of whatever else a response names: whom, an incident, a step, a page, a channel, a state."""
MATCHERS = 20
"""Matchers of a silence."""
MATCHER = 1000
"""Characters of one of them."""
SILENCE_ID = 200
"""Characters of a silence's id."""
OUTPUT = 64 * 1024
"""Bytes of an output or of an event's data, as JSON."""
SIGNAL = 256 * 1024
"""Bytes of any input as a whole, as it stands on `signals`."""
INT64 = 2**63


def check_alert(alert: Alert) -> None:
    """Check an alert's size.

    Raises:
        WireError: too_large, naming the label or annotation.

    """
    _check_map("labels", alert.labels, LABELS, LABEL_VALUE)
    _check_map("annotations", alert.annotations, ANNOTATIONS, ANNOTATION_VALUE)
    check_text("generatorURL", alert.generator_url)
    check_text("fingerprint", alert.fingerprint, LABEL_NAME)


def check_text(name: str, text: str, limit: int = TEXT) -> None:
    """Check the length of a text.

    Raises:
        WireError: too_large, naming the field.

    """
    if len(text) > limit:
        raise WireError("too_large", f"It has {len(text)} characters; at most {limit} are taken.", name)


def check_values(name: str, values: Values) -> None:
    """Check the size of an output or of data, and that its numbers fit into 64 bits.

    Raises:
        WireError: too_large or invalid_field, naming the field.

    """
    size = len(json.dumps(values, ensure_ascii=False).encode())
    if size > OUTPUT:
        raise WireError(
            "too_large",
            f"It takes {size} bytes as JSON; at most {OUTPUT} are taken: put the rest behind log_url.",
            name,
        )
    for key, value in values.items():
        leaves = (
            value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
        )
        if any(isinstance(leaf, int) and not -INT64 <= leaf < INT64 for leaf in leaves):
            raise WireError(
                "invalid_field", "A number does not fit into 64 bits; send it as text.", f"{name}.{key}"
            )
        if any(isinstance(leaf, float) and not math.isfinite(leaf) for leaf in leaves):
            raise WireError(
                "invalid_field", "It is no finite number; leave it out or send it as text.", f"{name}.{key}"
            )


def _check_map(field: str, values: dict[str, str], most: int, longest: int) -> None:
    if len(values) > most:
        raise WireError("too_large", f"It has {len(values)} entries; at most {most} are taken.", field)
    for name, value in values.items():
        short = name[:64]
        check_text(f"{field}.{short}", name, LABEL_NAME)
        check_text(f"{field}.{short}", value, longest)
