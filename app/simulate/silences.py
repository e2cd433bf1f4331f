"""The silences that are known to intake: what `control` made known, as far as it is committed."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.silences import Silence
from app.model.topics import STANDINGS
from app.settings import Settings
from app.simulate.brokers import Brokers
from app.stream.silences import Silences


class SilencesIn:
    """Reads the brokers' `standings` when it is asked."""

    def __init__(self, brokers: Brokers) -> None:
        self._brokers, self._known = brokers, Silences(Settings())
        self._read = dict.fromkeys(range(brokers.partitions), 0)

    def __call__(self) -> Sequence[Silence]:
        """Give the silences."""
        for number, position in self._read.items():
            messages, self._read[number] = self._brokers.committed((STANDINGS, number), position)
            for message in messages:
                self._known.put(message.key, message.value)
        return self._known.current()
