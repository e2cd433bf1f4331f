"""A view in memory of the `connectors` topic: which connectors announced themselves, and when last."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from app.core.served import Announced
from app.model.connectors import Connector
from app.web.readiness import Readiness
from app.wire.decode import WireError, decode

log = logging.getLogger(__name__)

MOST = 1_000
"""How many are held; of more, those that were heard of longest ago are let go."""


class Connectors(Readiness):
    """The newest announcement of each connector."""

    def __init__(self) -> None:
        super().__init__("connectors")
        self._held: dict[tuple[str, str], Announced] = {}

    def put(self, _: bytes | None, value: bytes | None, at_ms: int) -> None:
        """Take a message of the topic in; one that cannot be read changes nothing."""
        try:
            connector = decode(value, Connector)
        except WireError as error:
            log.warning("an announcement of a connector cannot be read and is passed over: %s", error)
            return
        key = connector.kind, connector.instance
        self._held.pop(key, None)
        self._held[key] = Announced(connector, datetime.fromtimestamp(at_ms / 1000, UTC))
        while len(self._held) > MOST:
            del self._held[next(iter(self._held))]

    def all(self) -> list[Announced]:
        """Give the newest announcement of each."""
        return list(self._held.values())
