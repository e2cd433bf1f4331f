"""`oncall silence`."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import out
from app.cli.asking import for_control
from app.cli.errors import FINDING, CommandError
from app.cli.options import Json, Prefix, Servers, Who, Within, examples, settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.model.silences import Silence, SilenceWish
    from app.model.standings import Standing
    from app.model.words import ResponseKind
    from app.settings import Settings

app = typer.Typer(
    name="silence",
    help="Mute alerts by matchers for a while.",
    no_args_is_help=True,
    epilog=examples(
        """oncall silence add 'alertname="DiskFull"' 'instance=~"db-.*"' --for 2h --comment "disks are on the way" """,
        "oncall silence list",
        "oncall silence extend 3f2a --for 4h",
        "oncall silence expire 3f2a",
    ),
)

Called = Annotated[str, typer.Argument(metavar="ID", help="Its id, or the beginning of it.")]
For = Annotated[str, typer.Option("--for", metavar="DURATION", help="How long from now, such as 30m or 2h.")]
Comment = Annotated[str, typer.Option(help="Why, for all who see it.")]


@app.command(epilog=examples("""oncall silence add 'service="cart"' --for 1h --comment "we move it" """))
def add(
    matchers: Annotated[
        list[str], typer.Argument(metavar="MATCHER...", help='Such as alertname="DiskFull"; all must hold.')
    ],
    *,
    length: For,
    comment: Comment = "",
    who: Who = None,
    within: Within = 30,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Mute alerts that all matchers match, from now on. Incidents that are open stay as they are."""
    from app.model.silences import SilenceWish
    from app.model.words import ResponseKind

    _check(matchers)
    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    wish = SilenceWish(id=str(uuid.uuid4()), matchers=matchers, ends_at=datetime.now(UTC) + _length(length))
    _show(_ask(settings, ResponseKind.SILENCE, wish, comment, who, within), as_json=as_json)


@app.command("list", epilog=examples("oncall silence list --all --json"))
def list_(
    *,
    every: Annotated[bool, typer.Option("--all", help="Also those that ended within the last day.")] = False,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Show the silences, those that end first at the top."""
    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    now = datetime.now(UTC)
    found = sorted(_silences(settings), key=lambda each: (each.ends_at, each.id))
    shown = [each for each in found if every or each.ends_at > now]
    if as_json:
        out.document([each.model_dump(mode="json") for each in shown])
    elif shown:
        out.table(("ID", "MATCHERS", "FROM", "UNTIL", "BY", "WHY"), (_row(each, now) for each in shown))
    else:
        print("no silences")


@app.command(epilog=examples("oncall silence extend 3f2a --for 4h"))
def extend(
    called: Called,
    *,
    length: For,
    comment: Comment = "",
    who: Who = None,
    within: Within = 30,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Let a silence that is not over end so long from now, later or earlier than it would."""
    from app.model.silences import SilenceWish
    from app.model.words import ResponseKind

    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    wish = SilenceWish(id=_find(settings, called).id, ends_at=datetime.now(UTC) + _length(length))
    _show(_ask(settings, ResponseKind.SILENCE, wish, comment, who, within), as_json=as_json)


@app.command(epilog=examples("oncall silence expire 3f2a"))
def expire(
    called: Called,
    *,
    comment: Comment = "",
    who: Who = None,
    within: Within = 30,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """End a silence now: what still fires and nothing else mutes takes effect."""
    from app.model.silences import SilenceWish
    from app.model.words import ResponseKind

    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    wish = SilenceWish(id=_find(settings, called).id)
    _show(_ask(settings, ResponseKind.UNSILENCE, wish, comment, who, within), as_json=as_json)


def _ask(
    settings: Settings, kind: ResponseKind, wish: SilenceWish, text: str, who: str | None, within: float
) -> Silence:
    from app.connectors.standings import SILENCES, ask

    def is_done(standing: Standing) -> bool:
        """Whether it has the silence as it was asked for: others may change theirs meanwhile."""
        return any(each.id == wish.id and each.updated_at == standing.at for each in standing.silences)

    response = for_control(kind, who, text, silence=wish)
    standing = ask(settings, response, SILENCES, within, is_done)
    return next(each for each in standing.silences if each.id == wish.id)


def _find(settings: Settings, called: str) -> Silence:
    now = datetime.now(UTC)
    lasting = [each for each in _silences(settings) if each.ends_at > now]
    found = [each for each in lasting if each.id == called] or [
        each for each in lasting if each.id.startswith(called)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(f"{len(found)} silences begin with {called!r}: give more of the id", code=FINDING)
    raise CommandError(
        f"no silence {called!r} lasts; `oncall silence list --all` shows those there are", code=FINDING
    )


def _silences(settings: Settings) -> Sequence[Silence]:
    from app.connectors.standings import SILENCES, read_standings

    standing = read_standings(settings).get(SILENCES)
    return standing.silences if standing else ()


def _check(matchers: Sequence[str]) -> None:
    from app.model.matchers import MatcherError, doubled, parse_matcher

    for text in matchers:
        try:
            parse_matcher(text)
        except MatcherError as error:
            raise CommandError(str(error), code=FINDING) from error
        if (meant := doubled(text)) is not None:
            raise CommandError(f"{text!r} would mute nothing; write it as {meant}", code=FINDING)
    if all(parse_matcher(text).matches({}) for text in matchers):
        words = "they match an alert without any label; at least one must want a label that is not empty"
        raise CommandError(words, code=FINDING)


def _length(text: str) -> timedelta:
    from app.library.fields import MAX_DURATION, parse_duration

    length = parse_duration(text)
    if length is None:
        raise CommandError(
            f"--for {text!r} is no duration; write whole numbers with d, h, m, s or ms, the largest first,"
            " such as 30m, 1h30m or 2d",
            code=FINDING,
        )
    if not length or length > MAX_DURATION:
        limit = f"more than nothing and at most {MAX_DURATION.days} days ({MAX_DURATION.days}d)"
        raise CommandError(f"--for {text!r}: a silence lasts {limit}", code=FINDING)
    return length


def _show(silence: Silence, *, as_json: bool) -> None:
    if as_json:
        out.document(silence.model_dump(mode="json"))
        return
    is_over = silence.ends_at <= silence.updated_at
    until = "is over" if is_over else f"until {silence.ends_at:%Y-%m-%d %H:%M:%S} UTC"
    print(f"{silence.id} {until}: {', '.join(silence.matchers)}")


def _row(silence: Silence, now: datetime) -> tuple[str, ...]:
    until = "over" if silence.ends_at <= now else f"{silence.ends_at:%Y-%m-%d %H:%M:%S}"
    begins = f"{silence.starts_at:%Y-%m-%d %H:%M:%S}"
    return (
        silence.id[:8],
        ", ".join(silence.matchers),
        begins,
        until,
        silence.created_by,
        silence.comment,
    )
