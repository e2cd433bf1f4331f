"""`oncall replay`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import out
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Json, Prefix, Servers, examples, settings_of
from app.cli.replay_sources import Found, from_file, from_kafka

if TYPE_CHECKING:
    from app.model.library import Library
    from app.model.messages import Message, Outgoing
    from app.road.replay import Table
    from app.road.verdict import Comparison, Difference

NAME = "replay"
EPILOG = examples(
    "oncall replay                                 # decide all of `signals` again, and compare with what is on the topics",
    "oncall replay --incident 3f2a91c4             # one incident's whole life, decision by decision",
    "oncall tail signals --raw > log; oncall tail library --raw >> log; oncall replay log",
    "oncall replay --save checkpoint.json          # later: --from checkpoint.json, when retention has taken the beginning",
)
_SAY_EVERY = 10_000
_SHOWN = 20


def command(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Lines of `oncall tail TOPIC --raw`: signals, library, and what is to be compared."
        ),
    ] = None,
    *,
    incident: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Tell the life of one incident; its id's beginning will do."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write the state at the end, to begin there later.")
    ] = None,
    start: Annotated[Path | None, typer.Option("--from", help="Begin at a state that --save wrote.")] = None,
    app_id: Annotated[
        str | None, typer.Option(help="The service's consumer group. [dim]ONCALL_APP_ID; oncall[/dim]")
    ] = None,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Decide the log of `signals` again with the engine, and compare: commands, events, incidents and tables.

    Nothing is written and nobody is disturbed, so it can be run beside a service at work. Equal, or the first differences with the
    place on `signals` that they come from: exit code 1.
    """
    settings = settings_of(app_id=app_id, bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    with ExitStack() as stack:
        found = from_file(file) if file is not None else from_kafka(settings, stack)
        if incident is not None and as_json:
            raise CommandError(
                "--json is for the comparison; the life of an incident is told in lines: leave one out"
            )
        told = asyncio.run(_replay(found, start, incident))
        if save is not None:
            _save(save, told)
        if incident is None:
            _judge(told, as_json=as_json)
        else:
            _show_life(told.lives, incident)


@dataclass
class Told:
    """A replay that was made."""

    found: Found
    comparison: Comparison
    table: Table
    count: int = 0
    offsets: dict[str, int] = field(default_factory=dict)
    """The next offset of each partition that it has not decided."""
    start: Path | None = None
    lives: dict[str, list[str]] = field(default_factory=dict)
    """What there is to tell of the incidents whose lives were asked for, line by line."""


async def _replay(found: Found, start: Path | None, incident: str | None) -> Told:
    from app.road.verdict import Comparison, Expected

    table, offsets = _load(start)
    for partition, first in found.starts.items():
        if offsets.get(str(partition), 0) < first:
            raise CommandError(
                f"partition {partition} of `signals` begins at offset {first}: retention took what was before. Begin at a"
                " state that `oncall replay --save FILE` wrote in time: --from FILE"
            )
    _check_start(found, offsets, start)
    told = Told(found, Comparison(Expected(), began_late=start is not None), table, start=start)
    await _decide_again(told, offsets, incident)
    return told


def _check_start(found: Found, offsets: Mapping[str, int], start: Path | None) -> None:
    """Refuse a state that is newer than the log, or another service's: nothing would be decided, and nothing differ."""
    ends: dict[str, int] = {}
    for each in found.signals:
        ends[str(each.partition)] = each.offset + 1
    for partition, offset in sorted(offsets.items()):
        if offset > ends.get(partition, offset):
            raise CommandError(
                f"{start} begins at offset {offset} of partition {partition} of `signals`, and the log ends at"
                f" {ends[partition]}: it is the state of another log, or of a newer one; begin at a state of this one"
            )


async def _decide_again(told: Told, offsets: Mapping[str, int], incident: str | None = None) -> None:
    """Decide all that is on the log from these offsets on, and remember what comes of it."""
    from app.road.replay import replay
    from app.settings import OutputFormat, Settings
    from app.stream.understanding import new_wire

    settled, messages = told.found.settled, told.found.signals
    messages = [each for each in messages if each.offset >= offsets.get(str(each.partition), 0)]
    told.offsets, told.count = dict(offsets), 0
    wire = new_wire(Settings(output_format=OutputFormat.JSON))
    async for message, outputs in replay(messages, told.table, _Libraries(told.found.library), wire):
        told.count += 1
        told.offsets[str(message.partition)] = message.offset + 1
        is_pending = message.offset >= settled.get(message.partition, message.offset + 1)
        told.comparison.expected.add(message, outputs, told.table, is_pending=is_pending)
        if incident is not None:
            _gather_lives(told.lives, incident, message, outputs)
        if told.count % _SAY_EVERY == 0:
            tell(f"{told.count} of {len(messages)} messages of `signals` decided again")


async def _explained(told: Told, differences: list[Difference]) -> list[Difference]:
    """Say of each message that differs in which fields; its right bytes are had by deciding all once more."""
    from app.road.verdict import Comparison, Expected, fields_that_differ

    wanted = {each.name: b"" for each in differences if each.name is not None}
    if not wanted:
        return differences
    table, offsets = _load(told.start)
    again = Told(told.found, Comparison(Expected(wanted=wanted)), table)
    await _decide_again(again, offsets)
    return [
        replace(
            each, detail=f"{each.detail}: {fields_that_differ(each.found, wanted[each.name], each.name[0])}"
        )
        if each.name is not None
        else each
        for each in differences
    ]


class _Libraries:
    """The libraries port over the messages of the `library` topic."""

    def __init__(self, messages: Iterable[Message]) -> None:
        from app.library.topic import Shelf

        self._shelf = Shelf()
        for each in messages:
            self._shelf.add(each.key, each.value)

    async def get(self, library_hash: str) -> Library:
        if not self._shelf.has(library_hash):
            raise CommandError(
                f"library {library_hash[:12]}, which the log was decided with, is not here; for a file: add `oncall tail"
                " library --raw`",
            )
        return self._shelf.get(library_hash)

    def current(self) -> Library:
        return self._shelf.get(self._shelf.current_hash)


def _judge(told: Told, *, as_json: bool) -> None:
    differences = list(_differences(told))
    detailed = asyncio.run(_explained(told, differences[:_SHOWN]))
    if as_json:
        out.document(
            {
                "signals": told.count,
                "compared": told.comparison.count,
                "equal": not differences,
                "differences": [
                    {name: getattr(each, name) for name in ("what", "where", "detail", "cause")}
                    for each in detailed
                ],
            }
        )
    else:
        for each in detailed:
            print(
                f"{each.where}: {each.what}: {each.detail}"
                + (f" (decided at {each.cause})" if each.cause else "")
            )
        print(
            f"{told.count} messages of `signals` decided again, {told.comparison.count} messages and records compared"
        )
    if differences:
        tell(
            f"{len(differences)} differences from replay"
            + (f", the first {_SHOWN} shown" if len(differences) > _SHOWN else "")
        )
        raise typer.Exit(FINDING)
    tell("equal")


def _differences(told: Told) -> Iterator[Difference]:
    yield from told.comparison.outputs(told.found.outputs)
    yield from told.comparison.missing(told.found.complete)
    newest = {
        message.key.decode(errors="replace"): message.value
        for message in told.found.changelog
        if message.key is not None and message.value is not None
    }
    yield from _records_that_differ(told, newest)


def _records_that_differ(told: Told, newest: Mapping[str, bytes]) -> Iterator[Difference]:
    from app.core.record import RecordError, load
    from app.road.verdict import Difference

    settled: dict[str, tuple[bytes, int]] = {}
    for domain, data in newest.items():
        try:
            applied = load(data).applied_offset
        except RecordError as error:
            yield Difference("a record cannot be read", f"changelog, domain {domain}", str(error))
            continue
        if not _is_beyond(told, applied, domain):
            settled[domain] = data, applied
    yield from told.comparison.records(settled)


def _is_beyond(told: Told, applied: int, domain: str) -> bool:
    """Whether a record is newer than what was decided again: the service has gone on meanwhile."""
    known = told.comparison.expected.records.get(domain, {})
    return bool(known) and applied > max(known) and bool(told.found.settled)


def _gather_lives(
    lives: dict[str, list[str]], beginning: str, message: Message, outputs: Iterable[Outgoing]
) -> None:
    """Add what concerns the incidents whose ids begin so."""
    from app.model.topics import INCIDENT_EVENTS, INCIDENTS

    for outgoing in outputs:
        read = json.loads(outgoing.value or b"{}")
        incident = str(read.get("incident_id") or "")
        if outgoing.topic == INCIDENTS or not incident or not incident.startswith(beginning):
            continue
        lines = lives.setdefault(incident, [])
        if outgoing.topic == INCIDENT_EVENTS:
            lines.append(f"{read['at']}  {read['type']} ({read['reason']}) {read['text']}")
            place = f"{message.topic}/{message.partition}@{message.offset}"
            lines.append(f"    because of {read['cause']}, at {place}")
        else:
            words = str(read.get("text", "")).split("\n", 1)[0]
            lines.append(f"    → {outgoing.topic}: {read.get('op')} {words}")


def _show_life(lives: Mapping[str, list[str]], beginning: str) -> None:
    if not lives:
        mend = "`oncall tail incidents` has the ids of all"
        words = f"the log decides nothing of an incident whose id begins with {beginning!r}; {mend}"
        raise CommandError(words, code=FINDING)
    if len(lives) > 1:
        some = ", ".join(list(lives)[:5])
        words = f"{beginning!r} is the beginning of {len(lives)} incidents; give more of the id: {some}"
        raise CommandError(words, code=FINDING)
    for lines in lives.values():
        print("\n".join(map(out.harmless, lines)))


def _save(file: Path, told: Told) -> None:
    records = {domain: data.decode() for domain, data in sorted(told.table.records.items())}
    file.write_text(json.dumps({"offsets": told.offsets, "records": records}), encoding="utf-8")
    tell(f"{len(records)} records saved in {file}")


def _load(file: Path | None) -> tuple[Table, dict[str, int]]:
    from app.core.record import load
    from app.road.replay import Table

    if file is None:
        return Table(), {}
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
        records = {domain: data.encode() for domain, data in read["records"].items()}
        offsets = {str(int(partition)): int(offset) for partition, offset in read["offsets"].items()}
        for data in records.values():
            load(data)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise CommandError(f"{file}: no state that `oncall replay --save` wrote ({error})") from error
    return Table(records), offsets
