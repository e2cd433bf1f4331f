"""Topic names as people type them, and the model of each topic's value."""

from __future__ import annotations

from difflib import get_close_matches

from app.connectors.errors import OutsideError
from app.model.base import Frozen
from app.model.connectors import Connector
from app.model.inputs import Alert, Response, StepResult, SystemEvent, UserReport
from app.model.signals import SignalBatch
from app.model.topics import (
    ALERTS,
    COMMANDS,
    CONNECTORS,
    INPUTS,
    LIBRARY,
    RESPONSES,
    SIGNALS,
    STEP_RESULTS,
    SYSTEM_EVENTS,
    TOPIC_OF,
    USER_REPORTS,
    shadow,
)

INPUT_MODELS: dict[str, type[Frozen]] = {
    ALERTS: Alert,
    SYSTEM_EVENTS: SystemEvent,
    USER_REPORTS: UserReport,
    STEP_RESULTS: StepResult,
    RESPONSES: Response,
    CONNECTORS: Connector,
}
_OUTPUT_MODELS: dict[str, type[Frozen]] = {topic: model for model, topic in TOPIC_OF.items()}
SHADOWS = tuple(shadow(topic) for topic in COMMANDS)

MODELS: dict[str, type[Frozen]] = (
    INPUT_MODELS
    | {SIGNALS: SignalBatch}
    | _OUTPUT_MODELS
    | {shadow(topic): _OUTPUT_MODELS[topic] for topic in COMMANDS}
)
"""Every topic whose values are records (all but `library`), to the model of its values."""

ALL = (*INPUTS, CONNECTORS, SIGNALS, LIBRARY, *_OUTPUT_MODELS, *SHADOWS)
"""Every topic, without the prefix."""


class UnknownTopicError(OutsideError):
    """No topic of ours bears that name."""


def topic_name(typed: str, prefix: str, *, among: tuple[str, ...] = ALL) -> str:
    """Give the topic's name without the prefix, of a name typed with or without it; UnknownTopicError if it is none."""
    name = typed.removeprefix(f"{prefix}.")
    if name in among:
        return name
    close = get_close_matches(name, among, n=1)
    raise UnknownTopicError(
        f"{typed} is none of the topics that this takes",
        f"did you mean {close[0]}?" if close else f"choose one of {', '.join(among)}",
    )
