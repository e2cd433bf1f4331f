"""How things stand, as `standings` tells it; and asking the domain `control` to change that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from difflib import get_close_matches

from app.connectors.errors import OutsideError
from app.connectors.kafka import Writer
from app.connectors.reading import End, Reader, decoded
from app.model.inputs import Response
from app.model.notices import CONTROL
from app.model.standings import Standing
from app.model.topics import RESPONSES, STANDINGS
from app.road.ports import Message
from app.settings import Settings
from app.wire.codec import Codec

AUTOMATION = "automation"
"""The standing that says whether automation is paused."""
SILENCES = "silences"
"""The standing that has all silences."""


class NoAnswerError(OutsideError):
    """The service has not said in time that it did what it was asked."""


class UnknownPageError(OutsideError):
    """Nothing is known of a page that is to be trusted again."""


def read_standings(settings: Settings) -> dict[str, Standing]:
    """Give the newest standing of each id.

    Raises OutsideError where the brokers or the topic are not there, and WireError for a standing that cannot be read.
    """
    with _reader(settings) as reader:
        return _existing(reader)


def ask(
    settings: Settings,
    response: Response,
    standing_id: str,
    within: float,
    is_done: Callable[[Standing], bool] = lambda _: True,
) -> Standing:
    """Put a response to `control` and wait, at most so many seconds, for the standing that comes of it.

    `is_done` tells it from one that came of what others asked.

    Raises:
        NoAnswerError: none came; the response is on its topic and will be taken.
        UnknownPageError: it asks to trust a page that has no standing yet; nothing was sent.
        OutsideError: the brokers or the topics are not there, or do not acknowledge.

    """
    stop = threading.Event()
    with _reader(settings, stop) as reader:
        standings = _existing(reader)
        known = standings.get(standing_id)
        if response.runbook_id and known is None:
            raise _unknown_page(response.runbook_id, standings)
        version = known.version if known else 0
        with Writer(settings.bootstrap_servers) as writer:
            value = Codec(settings.output_format).encode(response)
            writer.send(f"{settings.topic_prefix}.{RESPONSES}", CONTROL.encode(), value)
        timer = threading.Timer(within, stop.set)
        timer.start()
        try:
            for message in reader.following():
                standing = decoded(message, Standing)
                if standing.id == standing_id and standing.version > version and is_done(standing):
                    return standing
        finally:
            timer.cancel()
    raise NoAnswerError(
        f"no worker has answered within {within:.0f} s; what was asked is on the topic and counts once a worker takes it",
        "see that workers run (`/readyz`), then `oncall standings`",
    )


def _unknown_page(page: str, standings: dict[str, Standing]) -> UnknownPageError:
    pages = sorted(each.runbook_id for each in standings.values() if each.runbook_id)
    close = get_close_matches(page, pages, n=1)
    mend = f"did you mean {close[0]}?" if close else "`oncall standings` lists the pages that are known"
    return UnknownPageError(
        f"no run of a page {page} has counted yet, so there is nothing to trust again", mend
    )


def newest(messages: Iterable[Message]) -> dict[str, Standing]:
    """Give the standing of the highest version of each id."""
    found: dict[str, Standing] = {}
    for message in messages:
        standing = decoded(message, Standing)
        if standing.id not in found or found[standing.id].version < standing.version:
            found[standing.id] = standing
    return found


def _existing(reader: Reader) -> dict[str, Standing]:
    return newest(each for each in reader.existing() if not isinstance(each, End))


def _reader(settings: Settings, stop: threading.Event | None = None) -> Reader:
    full = f"{settings.topic_prefix}.{STANDINGS}"
    return Reader(settings.bootstrap_servers, full, name=STANDINGS, stop=stop)
