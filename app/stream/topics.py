"""Every topic the service needs: partitions, replicas, cleanup, retention, sizes; made and checked here, never by Faust."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it exports by importing
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from app.model import topics as names
from app.settings import Settings

TABLE = "incidents"
MAX_MESSAGE = 5_000_000
"""max.message.bytes where whole records, snapshots, documents or dead letters travel; app.road.apply keeps below."""

_WITHIN_S = 30.0
_ANSWER_WITHIN_S = 10.0
_LOOK_AGAIN_S = 0.05
_DAY_MS = 24 * 3600 * 1000
_INPUT_DAYS, _SIGNAL_DAYS, _OUTPUT_DAYS = 7, 30, 7
_SIZE = "max.message.bytes"
_LARGE = {_SIZE: str(MAX_MESSAGE)}
_ANNOUNCED = {"cleanup.policy": "delete", "retention.ms": str(3600 * 1000), "segment.ms": str(600 * 1000)}
"""Connectors say it again every 30 seconds; whoever looks reads the last hour from its beginning."""
_COMPACT = {"cleanup.policy": "compact", **_LARGE}


@dataclass(frozen=True)
class TopicSpec:
    """How a topic is to be. `name` is whole, with the prefix."""

    name: str
    partitions: int
    replication: int
    config: dict[str, str] = field(default_factory=dict)
    vital: tuple[str, ...] = ()
    """The settings without which the service would be wrong or could not go on, not only slow or short of history."""


@dataclass(frozen=True)
class Problem:
    """Something wrong with a topic, and how to mend it."""

    topic: str
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.message}; {self.mend}"


class BrokerError(Exception):
    """The brokers cannot be reached, or refuse what was asked of them; the message says which and what to do."""


def full_name(settings: Settings, topic: str) -> str:
    """Give a topic's whole name."""
    return f"{settings.topic_prefix}.{topic}"


def changelog_name(settings: Settings) -> str:
    """Give the changelog's name, as Faust has it."""
    return f"{settings.app_id}-{TABLE}-changelog"


def specs(settings: Settings) -> list[TopicSpec]:
    """Give every topic of the service."""
    kept = {
        **{name: _kept(_INPUT_DAYS) | _LARGE for name in names.TAKEN_IN},
        names.SIGNALS: {**_kept(_SIGNAL_DAYS), "message.timestamp.type": "LogAppendTime"},
        names.LIBRARY: _COMPACT,
        **{name: _kept(_OUTPUT_DAYS) | _LARGE for name in names.COMMANDS},
        **{names.shadow(name): _kept(_OUTPUT_DAYS) | _LARGE for name in names.COMMANDS},
        names.INCIDENT_EVENTS: _kept(_SIGNAL_DAYS) | _LARGE,
        names.INCIDENTS: _COMPACT,
        names.STANDINGS: _COMPACT,
        names.DEAD_LETTERS: _kept(_SIGNAL_DAYS) | _LARGE,
        names.CONNECTORS: {**_ANNOUNCED, "message.timestamp.type": "LogAppendTime"},
    }
    vital = {
        names.SIGNALS: ("message.timestamp.type", "cleanup.policy"),
        names.LIBRARY: ("cleanup.policy",),
        names.INCIDENTS: ("cleanup.policy",),
        names.STANDINGS: ("cleanup.policy",),
    }
    given = [
        _spec(
            settings,
            full_name(settings, name),
            config,
            (*vital.get(name, ()), *_needs_room(name, config)),
            single=name == names.LIBRARY,
        )
        for name, config in kept.items()
    ]
    return [*given, _spec(settings, changelog_name(settings), _COMPACT, ("cleanup.policy", _SIZE))]


def create_topics(settings: Settings) -> list[str]:
    """Make the topics that are missing; give their names. Those that are there are left as they are.

    Raises:
        BrokerError: the brokers cannot be reached, or refuse.

    """
    admin = _admin(settings)
    there = _partitions(admin, settings)
    missing = [spec for spec in specs(settings) if spec.name not in there]
    if not missing:
        return []
    new = [
        NewTopic(spec.name, spec.partitions, replication_factor=spec.replication, config=spec.config)
        for spec in missing
    ]
    made = []
    for name, future in admin.create_topics(new, operation_timeout=_WITHIN_S).items():
        try:
            future.result(timeout=_WITHIN_S)
            made.append(name)
        except TimeoutError as error:
            mend = "look at the brokers; `oncall broker` makes topics by itself: set ONCALL_EMBEDDED=1 for it"
            raise BrokerError(f"{name} was not created within {_WITHIN_S:.0f} s; {mend}") from error
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # another was faster
                raise BrokerError(f"{name} cannot be created: {error.args[0].str()}") from error
    _await_sight(admin, settings, {spec.name for spec in missing})
    return made


def _await_sight(admin: AdminClient, settings: Settings, made: set[str]) -> None:
    """Wait until the brokers speak of them: a topic is made on the controller, and brokers hear of it a moment later."""
    give_up = time.monotonic() + _WITHIN_S
    while unseen := made - _partitions(admin, settings).keys():
        if time.monotonic() > give_up:
            raise BrokerError(f"{min(unseen)} was created, but the brokers do not show it; try again")
        time.sleep(_LOOK_AGAIN_S)


def check_broker(settings: Settings) -> None:
    """See that a broker answers; BrokerError if none does."""
    _partitions(_admin(settings), settings)


def check_topics(settings: Settings) -> list[Problem]:
    """Name everything that is missing or wrong with the topics; nothing if all is well.

    Raises:
        BrokerError: the brokers cannot be reached, or do not say.

    """
    admin = _admin(settings)
    there = _partitions(admin, settings)
    wanted = specs(settings)
    found = _configs(admin, [spec.name for spec in wanted if spec.name in there])
    copartitioned = there.get(full_name(settings, names.SIGNALS))
    problems = []
    for spec in wanted:
        if spec.name not in there:
            problems.append(_missing(spec.name, settings))
            continue
        if spec.name == changelog_name(settings) and copartitioned not in (None, there[spec.name]):
            problems.append(_miscounted(spec.name, there[spec.name], copartitioned))
        problems += [
            _misset(spec.name, key, found[spec.name].get(key), spec.config[key])
            for key in spec.vital
            if not _suits(key, found[spec.name].get(key), spec.config[key])
        ]
    return problems


def _needs_room(name: str, config: dict[str, str]) -> tuple[str, ...]:
    """Give the setting of sizes for a topic that workers write: a message that it refuses would end each owner of its partition, again and again."""
    return (_SIZE,) if _SIZE in config and name not in names.INPUTS else ()


def _suits(key: str, have: str | None, want: str) -> bool:
    return have == want or (key == _SIZE and int(have or 0) >= int(want))


def _kept(days: int) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(days * _DAY_MS)}


def _spec(
    settings: Settings, name: str, config: dict[str, str], vital: tuple[str, ...], *, single: bool = False
) -> TopicSpec:
    # One replica of three may be away and writing goes on; two in step is what an ack then means.
    in_sync = "2" if settings.replication > 2 else "1"  # noqa: PLR2004 - of three
    return TopicSpec(
        name,
        1 if single else settings.partitions,
        settings.replication,
        {**config, "min.insync.replicas": in_sync},
        vital,
    )


def _missing(name: str, settings: Settings) -> Problem:
    unseen = f", or let {settings.sasl_username} see it: `oncall topics acls` says what it needs"
    return Problem(name, "missing", f"run `oncall topics create`{unseen if settings.uses_sasl else ''}")


def _miscounted(name: str, have: int, want: int | None) -> Problem:
    return Problem(
        name,
        f"has {have} partitions where `signals` has {want or 'none'}",
        "the two must be equal, and a count never changes once there are records: make both anew, under a new"
        " ONCALL_TOPIC_PREFIX and ONCALL_APP_ID or after deleting them",
    )


def _misset(name: str, key: str, have: str | None, want: str) -> Problem:
    return Problem(
        name,
        f"has {key}={have}, and needs {want}",
        f"run `kafka-configs.sh --alter --entity-type topics --entity-name {name} --add-config {key}={want}`",
    )


def _admin(settings: Settings) -> AdminClient:
    return AdminClient(
        {"bootstrap.servers": settings.bootstrap_servers, "log_level": 0, **settings.for_librdkafka()}
    )


def _partitions(admin: AdminClient, settings: Settings) -> dict[str, int]:
    try:
        found = admin.list_topics(timeout=_ANSWER_WITHIN_S).topics
    except KafkaException as error:
        raise BrokerError(
            f"no broker answers at {settings.bootstrap_servers} ({error.args[0].str()});"
            f" see that it runs and that ONCALL_BOOTSTRAP_SERVERS names it{settings.also_right}"
        ) from error
    return {name: len(topic.partitions) for name, topic in found.items() if topic.error is None}


def _configs(admin: AdminClient, topics: Iterable[str]) -> dict[str, dict[str, str | None]]:
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in topics]
    if not resources:
        return {}
    try:
        return {
            resource.name: {key: entry.value for key, entry in future.result(timeout=_WITHIN_S).items()}
            for resource, future in admin.describe_configs(resources).items()
        }
    except KafkaException as error:
        raise BrokerError(
            f"the topics' settings cannot be read: {error.args[0].str()}; `oncall topics acls` says what is needed"
        ) from error
