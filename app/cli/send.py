"""`oncall send`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Prefix, Servers, examples, settings_of

if TYPE_CHECKING:
    from app.model.base import Frozen

NAME = "send"
EPILOG = examples(
    "oncall send alerts alert.json",
    """echo '{"labels": {"alertname": "DiskFilling", "severity": "warning"}}' | oncall send alerts""",
    "oncall send system-events deploys.jsonl --json",
    "oncall tail alerts | oncall send alerts --bootstrap-servers other:9092",
)


def command(  # the options of a command
    topic: Annotated[
        str,
        typer.Argument(help="alerts, system-events, user-reports, step-results, responses or connectors."),
    ],
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON lines; - or nothing: from stdin.")] = "-",
    *,
    key: Annotated[
        str | None,
        typer.Option(help="The key of every message. Default: alert's fingerprint, else the domain."),
    ] = None,
    avro: Annotated[
        bool | None,
        typer.Option("--avro/--json", help="How to write them. Default: ONCALL_OUTPUT_FORMAT."),
    ] = None,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Send JSON lines to an input topic. All lines are checked first; if one is wrong, none is sent.

    A list of values sends each of them. Ends when the brokers have acknowledged every message.
    """
    from app.cli.lines import read_lines
    from app.connectors.kafka import Writer, partitions_of
    from app.connectors.vocabulary import INPUT_MODELS, topic_name
    from app.wire.codec import Codec

    written = None if avro is None else ("avro" if avro else "json")
    settings = settings_of(
        bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix, output_format=written
    )
    name = topic_name(topic, settings.topic_prefix, among=tuple(INPUT_MODELS))
    reading = read_lines(_text(file), INPUT_MODELS[name])
    for advice in reading.advice:
        tell(f"{_called(file)}: {advice}")
    if reading.problems:
        for problem in reading.problems:
            tell(f"{_called(file)}: {problem}")
        raise CommandError(
            f"nothing was sent: {len(reading.problems)} problems in {_called(file)}", code=FINDING
        )
    full = f"{settings.topic_prefix}.{name}"
    partitions_of(settings.bootstrap_servers, full)
    codec = Codec(settings.output_format)
    with Writer(settings.bootstrap_servers) as writer:
        for value in reading.values:
            writer.send(full, _key(value) if key is None else key.encode(), codec.encode(value))
    tell(f"sent {writer.acked} to {full}, all acknowledged")


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{_called(file)}: not UTF-8 text at byte {error.start}", code=FINDING) from error


def _called(file: str) -> str:
    return "stdin" if file == "-" else file


def _key(value: Frozen) -> bytes | None:
    from app.core.identity import fingerprint
    from app.model.inputs import Alert, Answer

    if isinstance(value, Alert):
        return (value.fingerprint or fingerprint(value.labels)).encode()
    if isinstance(value, Answer) and value.domain:
        return value.domain.encode()
    return None
