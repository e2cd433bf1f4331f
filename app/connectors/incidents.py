"""The incidents, as the topic `incidents` has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.connectors.kafka import Writer
from app.connectors.reading import End, Reader, decoded
from app.core.correlation import OPEN
from app.model.incident import IncidentSnapshot
from app.model.inputs import Response
from app.model.topics import INCIDENTS, RESPONSES
from app.settings import Settings
from app.wire.codec import Codec


def read_open(settings: Settings) -> list[IncidentSnapshot]:
    """Give the newest snapshot of each incident that is open.

    Raises OutsideError where the brokers or the topic are not there, or a snapshot cannot be read.
    """
    return read_incidents(settings, lambda each: each.status in OPEN)


def read_incidents(
    settings: Settings, wanted: Callable[[IncidentSnapshot], bool] = lambda _: True
) -> list[IncidentSnapshot]:
    """Give the newest snapshot of each incident, of those that are wanted.

    Raises OutsideError where the brokers or the topic are not there, or a snapshot cannot be read.
    """
    versions: dict[str, int] = {}
    found: dict[str, IncidentSnapshot] = {}
    full = f"{settings.topic_prefix}.{INCIDENTS}"
    with Reader(settings.bootstrap_servers, full, name=INCIDENTS) as reader:
        for message in reader.existing():
            if isinstance(message, End) or message.value is None:
                continue
            incident = decoded(message, IncidentSnapshot)
            if incident.version <= versions.get(incident.id, -1):
                continue
            versions[incident.id] = incident.version
            found.pop(incident.id, None)
            if wanted(incident):
                found[incident.id] = incident
    return list(found.values())


def respond(settings: Settings, responses: Sequence[Response]) -> None:
    """Put responses on their topic, all acknowledged; OutsideError where that cannot be."""
    codec = Codec(settings.output_format)
    with Writer(settings.bootstrap_servers) as writer:
        for response in responses:
            value = codec.encode(response)
            writer.send(f"{settings.topic_prefix}.{RESPONSES}", response.domain.encode(), value)
