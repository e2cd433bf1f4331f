"""`oncall dead-letters`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import out
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Json, Prefix, Servers, examples, settings_of

if TYPE_CHECKING:
    from app.connectors.dead_letters import Buried
    from app.model.messages import Message
    from app.model.outputs import DeadLetter
    from app.settings import Settings

app = typer.Typer(
    name="dead-letters",
    help="Look at input that could not be used, with the reason, and put it back.",
    no_args_is_help=True,
    epilog=examples(
        "oncall dead-letters list",
        "oncall dead-letters show 3f2a91c4",
        "oncall dead-letters retry --reason unknown_fingerprint",
    ),
)

Reason = Annotated[
    str | None, typer.Option(help="Only those with this reason: invalid_field, broken_json, ...")
]
Topic = Annotated[str | None, typer.Option(help="Only those that were read from this topic.")]
_NEAR = 8


@app.command(
    name="list",
    epilog=examples(
        "oncall dead-letters list", "oncall dead-letters list --topic alerts --json | jq -r '.[].detail'"
    ),
)
def list_(
    *,
    reason: Reason = None,
    topic: Topic = None,
    with_put_back: Annotated[bool, typer.Option("--all", help="Those that were put back, too.")] = False,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """List what could not be used, oldest first: where it was read, and why."""
    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    there = _chosen(_read(settings), reason, topic)
    shown = [each for each in there if with_put_back or each.letter.put_back_at is None]
    if as_json:
        out.document([_as_json(each) for each in shown])
        return
    out.table(
        ("ID", "WHEN", "READ FROM", "REASON", "FIELD", "WHAT", "PUT BACK"),
        (
            (
                each.letter.id[:_NEAR],
                f"{each.buried_at:%Y-%m-%d %H:%M:%S}",
                each.place,
                each.letter.reason,
                each.letter.field,
                _short(each.letter.detail),
                f"{each.letter.put_back_at:%Y-%m-%d %H:%M}" if each.letter.put_back_at else "",
            )
            for each in shown
        ),
    )
    hidden = len(there) - len(shown)
    tell(f"{len(shown)} dead letters" + (f", and {hidden} that were put back (--all)" if hidden else ""))


@app.command(
    epilog=examples(
        "oncall dead-letters show 3f2a91c4", "oncall dead-letters show 3f2a91c4 --value > message"
    )
)
def show(
    letter: Annotated[str, typer.Argument(metavar="ID", help="Its id; the beginning will do.")],
    *,
    value: Annotated[
        bool, typer.Option("--value", help="Only the message's value, byte by byte, on stdout.")
    ] = False,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Show one with its original key, headers and value."""
    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    found = _by_id(_read(settings), letter)
    if value:
        sys.stdout.buffer.write(found.value or b"")
        return
    lacks = found.missing
    told = _as_json(found) | _bytes_of(found)
    if as_json:
        out.document(told)
        return
    for name, content in told.items():
        if content not in (None, "", []):
            words = out.harmless(str(content), but="\n\t")
            print(f"{name + ':':13} {words}")
    if lacks:
        tell(
            f"part {', '.join(map(str, lacks))} of {found.letter.parts} is not there; what is left of the value is shown"
        )


@app.command(
    epilog=examples(
        "oncall dead-letters retry 3f2a91c4 77d0e1b2",
        "oncall dead-letters retry --reason unknown_fingerprint --dry-run",
        "oncall dead-letters retry --all",
    )
)
def retry(
    letters: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Their ids; the beginnings will do.")
    ] = None,
    *,
    reason: Reason = None,
    topic: Topic = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were not put back yet.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which, and put none back.")] = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Put messages back on the topics they were read from: key, headers and bytes as they were.

    They go through intake like any other, and come back to the dead letters if the cause is not mended. Each is marked as put
    back. Named by id, one goes back again though it went before.
    """
    from app.connectors.dead_letters import check, put_back
    from app.connectors.kafka import Writer
    from app.wire.codec import Codec

    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    if bool(letters) == bool(reason or topic or everything):
        raise CommandError("name letters by id, or choose them by --reason, --topic or --all")
    there = _read(settings)
    named = {found.letter.id: found for found in (_by_id(there, each) for each in letters or ())}
    chosen = list(named.values()) or [
        each for each in _chosen(there, reason, topic) if each.letter.put_back_at is None
    ]
    for each in chosen:
        check(each)
        print(f"{each.letter.id[:_NEAR]}  {each.place}  {each.letter.reason}")
    if dry_run:
        tell(f"{len(chosen)} would be put back")
        return
    with Writer(settings.bootstrap_servers) as writer:
        count = put_back(
            chosen,
            writer,
            lambda name: f"{settings.topic_prefix}.{name}",
            Codec(settings.output_format),
            datetime.now(UTC),
        )
    tell(f"{count} put back")


def _read(settings: Settings) -> list[Buried]:
    from app.connectors.dead_letters import gather
    from app.connectors.reading import Reader, in_time_order
    from app.model.topics import DEAD_LETTERS

    full = f"{settings.topic_prefix}.{DEAD_LETTERS}"
    with Reader(settings.bootstrap_servers, full, name=DEAD_LETTERS) as reader:
        return gather(_readable(in_time_order(reader.existing(), reader.partitions)))


def _readable(messages: Iterable[Message]) -> Iterator[tuple[Message, DeadLetter]]:
    """Give the letters; what somebody else has put on the topic is told, and hides none of them."""
    from app.model.outputs import DeadLetter
    from app.wire.decode import decode
    from app.wire.errors import WireError

    for message in messages:
        try:
            yield message, decode(message.value, DeadLetter)
        except WireError as error:
            place = f"{message.topic}, partition {message.partition}, offset {message.offset}"
            tell(f"{place}: no dead letter: {error} (`oncall tail {message.topic} --raw` shows it)")


def _chosen(there: list[Buried], reason: str | None, topic: str | None) -> list[Buried]:
    return [
        each
        for each in there
        if (reason is None or each.letter.reason == reason) and (topic is None or each.letter.topic == topic)
    ]


def _by_id(there: list[Buried], beginning: str) -> Buried:
    found = [each for each in there if each.letter.id.startswith(beginning)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(
            f"there is no dead letter {beginning}; `oncall dead-letters list --all`", code=FINDING
        )
    raise CommandError(
        f"{beginning} is the beginning of {len(found)}: {', '.join(each.letter.id for each in found[:5])}",
        code=FINDING,
    )


def _as_json(buried: Buried) -> dict[str, Any]:
    letter = buried.letter
    return {
        "id": letter.id,
        "buried_at": buried.buried_at.isoformat(timespec="milliseconds"),
        "read_from": buried.place,
        "reason": letter.reason,
        "field": letter.field,
        "detail": letter.detail,
        "size": letter.value_size,
        "parts": letter.parts,
        "put_back_at": letter.put_back_at.isoformat() if letter.put_back_at else None,
    }


def _bytes_of(buried: Buried) -> dict[str, Any]:
    from app.cli.decoding import raw

    return {
        "key": raw(buried.letter.key),
        "headers": [{"name": each.name, "value": raw(each.value)} for each in buried.letter.headers],
        "value": raw(buried.left),
    }


def _short(words: str) -> str:
    return words if len(words) <= 60 else f"{words[:57]}..."  # noqa: PLR2004  # as a table bears it
