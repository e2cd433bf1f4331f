"""What `oncall replay` decides again and compares with: from a file of lines, or from the topics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.errors import CommandError

if TYPE_CHECKING:
    from app.model.messages import Message
    from app.settings import Settings


@dataclass
class Found:
    """What there is to replay and to compare with."""

    signals: list[Message]
    library: list[Message]
    outputs: Iterable[Message]
    complete: tuple[str, ...]
    """Topics of which everything is here."""
    settled: Mapping[int, int] = field(default_factory=dict)
    """The offset of `signals`, by partition, from which on outputs may not be on the topics yet."""
    starts: Mapping[int, int] = field(default_factory=dict)
    """Where each partition of `signals` begins, where that is not 0."""
    changelog: Iterable[Message] = ()


def from_file(file: Path) -> Found:
    """Read lines of `oncall tail TOPIC --raw`."""
    from app.connectors.record_files import read_records
    from app.model.topics import DEAD_LETTERS, LIBRARY, OUTPUTS, SIGNALS

    # What is no UTF-8 is left to the reader of lines, who says in which one it is.
    with file.open(encoding="utf-8", errors="surrogateescape") as lines:
        messages = list(read_records(lines, str(file)))
    signals = [each for each in messages if each.topic == SIGNALS]
    if not signals:
        raise CommandError(
            f"{file}: there is no message of `{SIGNALS}` in it; add `oncall tail {SIGNALS} --raw`"
        )
    there = {each.topic for each in messages}
    starts: dict[int, int] = {}
    for each in signals:
        starts[each.partition] = min(each.offset, starts.get(each.partition, each.offset))
    return Found(
        signals=sorted(signals, key=lambda each: (each.partition, each.offset)),
        library=[each for each in messages if each.topic == LIBRARY],
        outputs=[each for each in messages if each.topic in OUTPUTS],
        complete=tuple(topic for topic in OUTPUTS if topic in there and topic != DEAD_LETTERS),
        starts={partition: start for partition, start in starts.items() if start},
    )


def from_kafka(settings: Settings, stack: ExitStack) -> Found:
    """Measure in this order: what is applied, the outputs, what is applied now; so both bounds of the outputs are known."""
    from app.connectors.applied import applied_offsets, recorded_offsets
    from app.connectors.reading import End, Reader
    from app.model.topics import LIBRARY, OUTPUTS, SIGNALS
    from app.stream.topics import changelog_name

    servers, prefix = settings.bootstrap_servers, settings.topic_prefix

    def reader(name: str, full: str = "") -> Reader:
        return stack.enter_context(Reader(servers, full or f"{prefix}.{name}", name=name))

    def messages(one: Reader) -> Iterator[Message]:
        return (each for each in one.existing() if not isinstance(each, End))

    def applied(partitions: list[int]) -> dict[int, int]:
        if settings.embedded:
            return recorded_offsets(reader("changelog", changelog_name(settings)).existing(), partitions)
        return applied_offsets(servers, settings.app_id, f"{prefix}.{SIGNALS}", partitions)

    signals = reader(SIGNALS)
    before = applied(signals.partitions)
    readers = {name: reader(name) for name in OUTPUTS}
    changelog = reader("changelog", changelog_name(settings))
    after = applied(signals.partitions)
    if not any(after.values()):
        raise CommandError(
            f"the group {settings.app_id} has applied nothing of {prefix}.{SIGNALS}; is --app-id the workers' one?"
        )
    now = reader(SIGNALS)
    return Found(
        signals=sorted(
            (each for each in messages(now) if each.offset < after[each.partition]),
            key=lambda each: (each.partition, each.offset),
        ),
        library=list(messages(reader(LIBRARY))),
        outputs=(each for one in readers.values() for each in messages(one)),
        complete=tuple(name for name, one in readers.items() if not any(low for low in one.lows.values())),
        settled=before,
        starts={partition: low for partition, low in now.lows.items() if low},
        changelog=messages(changelog),
    )
