"""The least rights at the brokers that each part needs: derived from the topics, the settings and the transactional ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.model import topics as names
from app.road.transactional_id import transactional_id
from app.settings import Settings
from app.stream.topics import changelog_name, full_name, specs

Resource = Literal["topic", "group", "transactional-id", "cluster"]
READ, WRITE, DESCRIBE = "Read", "Write", "Describe"
DESCRIBE_CONFIGS, CREATE, IDEMPOTENT_WRITE = "DescribeConfigs", "Create", "IdempotentWrite"

_WEB_INTAKE = {names.ALERTS, names.STEP_RESULTS, names.RESPONSES}
"""What a worker's web port puts in."""
_ANSWERS = {names.STEP_COMMANDS: names.STEP_RESULTS}
"""Where a connector's answers to its commands go; those to all others are responses."""


@dataclass(frozen=True, order=True)
class Right:
    """Operations on a resource; `is_prefix` where the name is what names begin with."""

    resource: Resource
    name: str
    operations: tuple[str, ...]
    is_prefix: bool = False

    @property
    def pattern(self) -> str:
        """How the broker compares the name."""
        return "prefixed" if self.is_prefix else "literal"


@dataclass(frozen=True)
class Role:
    """A part that has a principal of its own."""

    name: str
    what: str
    rights: tuple[Right, ...]


def roles(settings: Settings) -> list[Role]:
    """Give every role with its least rights."""
    connectors = [_connector(settings, topic) for topic in names.COMMANDS]
    return [worker(settings), *connectors, *_producers(settings), *_people(settings)]


def commands(role: Role, servers: str) -> Iterator[str]:
    """Give the lines of `kafka-acls.sh` that grant a role its rights; the principal is named after the role."""
    for right in role.rights:
        operations = " ".join(f"--operation {each}" for each in right.operations)
        if right.resource == "cluster":
            where = "--cluster"
        else:
            where = f"--{right.resource} '{right.name}' --resource-pattern-type {right.pattern}"
        yield (
            f"kafka-acls.sh --bootstrap-server {servers} --add --allow-principal User:{role.name} {operations} {where}"
        )


def worker(settings: Settings) -> Role:
    """Give the role of a worker."""
    outputs = {*names.TOPIC_OF.values(), *(names.shadow(each) for each in names.COMMANDS)}
    reads = {*names.TAKEN_IN, names.SIGNALS, names.LIBRARY, names.CONNECTORS, *names.COMPACTED}
    writes = {*_WEB_INTAKE, names.SIGNALS, *outputs}
    rights = _topics(settings, reads, writes, (DESCRIBE_CONFIGS,))
    changelog = Right("topic", changelog_name(settings), (DESCRIBE_CONFIGS, READ, WRITE))
    transactions = transactional_id(settings.app_id, 0).removesuffix("0")
    return Role(
        "oncall-worker",
        "a worker, with its web port; the library is published already",
        (
            *rights,
            changelog,
            Right("group", settings.app_id, (READ,)),
            Right("transactional-id", transactions, (WRITE,), is_prefix=True),
            _idempotent(),
        ),
    )


def _connector(settings: Settings, topic: str) -> Role:
    name = f"oncall-{topic.removesuffix('-commands')}-connector"
    rights = _topics(settings, {topic}, {_ANSWERS.get(topic, names.RESPONSES), names.CONNECTORS})
    group = Right("group", name, (READ,), is_prefix=True)
    return Role(
        name, f"carries {topic} out; its consumer group begins with {name}", (*rights, group, _idempotent())
    )


def _producers(settings: Settings) -> list[Role]:
    what = {
        names.ALERTS: ("oncall-monitoring", "puts alerts in"),
        names.SYSTEM_EVENTS: ("oncall-changes", "puts system events in: CI/CD, cloud, orchestrators"),
        names.USER_REPORTS: ("oncall-reports", "puts user reports in: help desk, forms"),
    }
    return [
        Role(name, words, (*_topics(settings, set(), {topic}), _idempotent()))
        for topic, (name, words) in what.items()
    ]


def _people(settings: Settings) -> list[Role]:
    retried = {*names.TAKEN_IN, names.SIGNALS}
    every = {spec.name for spec in specs(settings)}
    outputs = {*names.TOPIC_OF.values(), *(names.shadow(each) for each in names.COMMANDS)}
    audited = _topics(settings, {*outputs, names.SIGNALS, names.LIBRARY, names.CONNECTORS}, set())
    return [
        Role(
            "oncall-audit",
            "reads what was decided, and why: oncall tail, oncall replay, analytics; changes nothing",
            (
                *audited,
                Right("topic", changelog_name(settings), (READ,)),
                Right("group", settings.app_id, (DESCRIBE,)),
                Right("group", "oncall-look-", (READ,), is_prefix=True),
            ),
        ),
        Role(
            "oncall-dead-letters",
            "looks at dead letters and puts them back: oncall dead-letters",
            (
                *_topics(settings, {names.DEAD_LETTERS}, {names.DEAD_LETTERS, *retried}),
                Right("group", "oncall-look-", (READ,), is_prefix=True),
                _idempotent(),
            ),
        ),
        Role(
            "oncall-pause",
            "pauses and resumes automation, trusts pages again, silences alerts, tests pages: oncall pause, resume, silence, page, standings",
            (
                *_topics(settings, {names.STANDINGS}, {names.RESPONSES}),
                Right("group", "oncall-look-", (READ,), is_prefix=True),
                _idempotent(),
            ),
        ),
        Role(
            "oncall-ack",
            "acknowledges many incidents: oncall ack",
            (
                *_topics(settings, {names.INCIDENTS}, {names.RESPONSES}),
                Right("group", "oncall-look-", (READ,), is_prefix=True),
                _idempotent(),
            ),
        ),
        Role(
            "oncall-publisher",
            "puts a library in force: oncall library publish, or a worker's first start",
            (
                *_topics(settings, {names.LIBRARY}, {names.LIBRARY}),
                Right("group", "oncall-look-", (READ,), is_prefix=True),
                _idempotent(),
            ),
        ),
        Role(
            "oncall-topics",
            "makes and checks the topics: oncall topics create and check",
            tuple(Right("topic", each, (CREATE, DESCRIBE, DESCRIBE_CONFIGS)) for each in sorted(every)),
        ),
    ]


def _topics(
    settings: Settings, reads: Iterable[str], writes: Iterable[str], more: tuple[str, ...] = ()
) -> list[Right]:
    reads, writes = set(reads), set(writes)
    return [
        Right(
            "topic",
            full_name(settings, topic),
            (*more, *((READ,) if topic in reads else ()), *((WRITE,) if topic in writes else ())),
        )
        for topic in sorted(reads | writes)
    ]


def _idempotent() -> Right:
    return Right("cluster", "kafka-cluster", (IDEMPOTENT_WRITE,))
