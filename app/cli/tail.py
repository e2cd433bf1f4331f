"""`oncall tail`."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import out
from app.cli.errors import tell
from app.cli.interrupt import until_interrupted
from app.cli.options import Prefix, Servers, examples, settings_of

if TYPE_CHECKING:
    from app.connectors.reading import Reader

NAME = "tail"
EPILOG = examples(
    "oncall tail incident-events -f --filter incident=3f2a91c4",
    "oncall tail step-commands -n 5",
    "oncall tail dead-letters | jq -r '.reason + \" \" + .detail'",
    "oncall tail alerts --raw          # bytes as they are, also of what cannot be read",
)


def command(  # the options of a command
    topic: Annotated[
        str, typer.Argument(help="Any topic: alerts, signals, library, step-commands.shadow, ...")
    ],
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on as messages come, until Ctrl-C.")
    ] = False,
    last: Annotated[
        int | None,
        typer.Option("--last", "-n", min=0, metavar="N", help="Only the newest N of what is there."),
    ] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar="FIELD=VALUE",
            help="Only these; may be repeated. incident=ID, labels.pod=cart-1",
        ),
    ] = None,
    meta: Annotated[
        bool,
        typer.Option("--meta", help="Wrap each value: topic, partition, offset, timestamp, key, headers."),
    ] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Do not decode; implies --meta.")] = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Print a topic's messages, decoded, one JSON line each, in order of time: what is there, then end.

    With -f it goes on with what comes. Committed messages only; no consumer group is touched.
    """
    from app.cli.decoding import Viewer
    from app.cli.filters import parse_filter
    from app.connectors.reading import Reader
    from app.connectors.vocabulary import topic_name

    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    name = topic_name(topic, settings.topic_prefix)
    viewer = Viewer(name, [parse_filter(typed, name) for typed in filters or ()], meta=meta, raw=raw)
    full = f"{settings.topic_prefix}.{name}"
    stop = threading.Event()
    with until_interrupted(stop):
        if follow:
            _await_topic(settings.bootstrap_servers, full, stop)
        with Reader(settings.bootstrap_servers, full, name=name, stop=stop) as reader:
            _print(_existing(reader, viewer, last))
            if follow:
                _print(viewer.views(reader.following()))


def _existing(reader: Reader, viewer: Any, last: int | None) -> Iterable[Any]:
    from app.connectors.reading import in_time_order

    if last == 0:
        return ()
    # Where offsets are dense and nothing is filtered, twice as many hold enough messages beside transactions' markers.
    reach = None if last is None or viewer.is_sparse else 2 * last + 100
    views = viewer.views(in_time_order(reader.existing(reach), reader.partitions))
    return views if last is None else deque(views, maxlen=last)


def _print(views: Iterable[Any]) -> None:
    for view in views:
        out.json_line(view)


def _await_topic(servers: str, full: str, stop: threading.Event) -> None:
    from app.connectors.kafka import topics_of

    if full in topics_of(servers):
        return
    tell(f"there is no topic {full} yet; waiting for it")
    while full not in topics_of(servers) and not stop.wait(1):
        pass
