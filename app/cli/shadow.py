"""`oncall shadow`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from app.cli import out
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Json, Prefix, Servers, examples, settings_of

if TYPE_CHECKING:
    from app.connectors.reading import Reader
    from app.core.shadow.pages import PagerPage
    from app.core.shadow.report import Found
    from app.model.base import Frozen
    from app.model.library import Library
    from app.settings import Settings

    F = TypeVar("F", bound=Frozen)
else:
    F = TypeVar("F")

app = typer.Typer(
    name="shadow",
    help="Compare what shadow would have done with what really happened.",
    no_args_is_help=True,
    epilog=examples("oncall shadow report --since 7d --pager pagerduty.csv"),
)
_TOLD = 20


@app.callback()
def group() -> None:
    """Compare what shadow would have done with what really happened."""


@app.command(
    epilog=examples(
        "oncall shadow report --since 7d",
        "oncall shadow report --since 7d --pager incidents.csv",
        "oncall shadow report --pager export.csv --columns at=sent_on,to=person --zone Europe/Berlin",
        "oncall shadow report --pager incidents.csv --json | jq '.incidents[] | select(.outcome == \"missed\")'",
    )
)
def report(  # noqa: PLR0913  # the options of a command
    *,
    since: Annotated[
        str,
        typer.Option(metavar="DURATION|TIME", help="How far back, such as 7d or 12h; or a time in RFC 3339."),
    ] = "7d",
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Up to this time, in RFC 3339; now by default.")
    ] = None,
    pager: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What today's pager sent: CSV or JSON lines.")
    ] = None,
    columns: Annotated[
        str,
        typer.Option(
            metavar="FIELD=HEADER,...",
            help="What the export calls id, at, title, service, to, acknowledged_at, resolved_at.",
        ),
    ] = "",
    zone: Annotated[
        str, typer.Option(metavar="ZONE", help="The zone of the export's times that name none.")
    ] = "UTC",
    window: Annotated[
        str,
        typer.Option(
            metavar="DURATION", help="How far from an incident a page of the pager may still be about it."
        ),
    ] = "15m",
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Compare pages and runbooks in shadow with what happened, and with an export of today's pager.

    Pages missed and added, earlier or later, and to whom; by runbook what it would have done, what people said of it, whether it
    would have been faster than they were, and what it lacks before it may act alone. Only reads.
    """
    from app.cli.shadow_views import as_document, print_report
    from app.core.measured.spans import Window
    from app.core.shadow.report import compare

    end = _moment(until, "--until") if until else datetime.now(UTC)
    start = _start(since, end)
    near = _length(window, "--window")
    theirs = _read_pager(pager, columns, _zone(zone)) if pager is not None else None
    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    compared = compare(_found(settings, theirs), _library(settings), Window(start, end), near)
    if as_json:
        out.document(as_document(compared))
    else:
        print_report(compared)


def _read_pager(file: Path, columns: str, zone: tzinfo) -> list[PagerPage]:
    from app.connectors.pager_export import parse_columns, read_export

    chosen = parse_columns(columns)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{file}: not UTF-8 text at byte {error.start}; export or convert it as UTF-8", code=FINDING
        ) from error
    export = read_export(text, str(file), chosen, zone)
    if export.problems:
        for problem in export.problems[:_TOLD]:
            tell(problem)
        more = len(export.problems) - _TOLD
        rest = f" ({more} more not shown)" if more > 0 else ""
        raise CommandError(
            f"{file}: {len(export.problems)} lines cannot be read{rest}; nothing was compared", code=FINDING
        )
    if export.without_zone:
        tell(f"{file}: {export.without_zone} times name no zone and are taken to be in {zone} (--zone)")
    return export.pages


def _found(settings: Settings, pager: list[PagerPage] | None) -> Found:
    from app.core.shadow.report import EVENTS, Found
    from app.model import topics
    from app.model.commands import EscalationCommand, StepCommand
    from app.model.incident import IncidentSnapshot
    from app.model.outputs import IncidentEvent
    from app.model.standings import Standing

    with ExitStack() as stack:

        def read(
            name: str, model: type[F], keep: Callable[[F], bool] = lambda _: True, *, must: bool = False
        ) -> list[F]:
            reader = _reader(settings, name, stack, must=must)
            return [each for each in _values(reader, model) if keep(each)] if reader is not None else []

        return Found(
            incidents=read(topics.INCIDENTS, IncidentSnapshot, must=True),
            events=read(topics.INCIDENT_EVENTS, IncidentEvent, lambda each: each.type in EVENTS),
            pages=read(topics.shadow(topics.ESCALATION_COMMANDS), EscalationCommand),
            steps=read(topics.shadow(topics.STEP_COMMANDS), StepCommand),
            standings=read(topics.STANDINGS, Standing),
            pager=pager,
        )


def _reader(settings: Settings, name: str, stack: ExitStack, *, must: bool) -> Reader | None:
    """Open a topic; None where it is not there and need not be: nothing was ever decided that belongs on it."""
    from app.connectors.errors import TopicMissingError
    from app.connectors.reading import Reader

    full = f"{settings.topic_prefix}.{name}"
    try:
        return stack.enter_context(Reader(settings.bootstrap_servers, full, name=name))
    except TopicMissingError:
        if must:
            raise
        return None


def _values(reader: Reader, model: type[F]) -> Iterator[F]:
    from app.connectors.reading import End
    from app.wire.decode import decode
    from app.wire.errors import WireError

    for message in reader.existing():
        if isinstance(message, End) or message.value is None:
            continue
        try:
            yield decode(message.value, model)
        except WireError as error:
            place = f"{message.topic}, partition {message.partition}, offset {message.offset}"
            tell(f"{place}: cannot be read and is left out: {error}")


def _library(settings: Settings) -> Library:
    from app.connectors.reading import End
    from app.library.topic import Shelf
    from app.model.library import Library
    from app.model.topics import LIBRARY

    shelf = Shelf()
    with ExitStack() as stack:
        reader = _reader(settings, LIBRARY, stack, must=False)
        for message in reader.existing() if reader is not None else ():
            if not isinstance(message, End):
                shelf.add(message.key, message.value)
    if not shelf.current_hash or not shelf.has(shelf.current_hash):
        tell(
            "no library is in force here: people are known by id alone, and no page can be said to be near auto"
        )
        return Library(hash="")
    return shelf.get(shelf.current_hash)


def _start(since: str, end: datetime) -> datetime:
    from app.library.fields import parse_duration

    length = parse_duration(since)
    try:
        start = end - length if length is not None else _moment(since, "--since", "7d, 12h or ")
    except OverflowError as error:
        raise CommandError(f"--since: {since} is further back than time goes; write 7d or 12h") from error
    if start >= end:
        raise CommandError(f"--since: nothing lies between {start:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M}")
    return start


def _length(text: str, option: str) -> timedelta:
    from app.library.fields import MAX_DURATION, parse_duration

    length = parse_duration(text)
    if length is None or length > MAX_DURATION:
        raise CommandError(f"{option}: {text!r} is no length of time; write 15m or 1h")
    return length


def _moment(text: str, option: str, also: str = "") -> datetime:
    from app.model.base import to_instant

    try:
        return to_instant(datetime.fromisoformat(text))
    except ValueError as error:
        raise CommandError(f"{option}: {text!r} is no time; write {also}2026-11-24T03:00:00Z") from error


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CommandError(f"--zone: {name!r} is no zone; write one such as Europe/Berlin") from error
