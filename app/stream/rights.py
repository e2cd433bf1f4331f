"""Whether this principal has the rights that a worker needs, asked before the start: without one it would wait without a word."""

from __future__ import annotations

from typing import Any

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from app.settings import Settings
from app.stream.acls import Right, worker

_WITHIN_S = 10.0
_MEND = "`oncall topics acls oncall-worker` says what a worker needs"


def check_rights(settings: Settings) -> list[str]:
    """Name every right on topics and the group that is missing; those on transactions are told when they are first used."""
    admin = AdminClient(
        {"bootstrap.servers": settings.bootstrap_servers, "log_level": 0, **settings.for_librdkafka()}
    )
    rights = worker(settings).rights
    topics = {right.name: right for right in rights if right.resource == "topic"}
    groups = {right.name: right for right in rights if right.resource == "group"}
    described = admin.describe_topics(
        TopicCollection(list(topics)), include_authorized_operations=True, request_timeout=_WITHIN_S
    )
    found = [_missing(topics[name], future) for name, future in described.items()]
    asked = admin.describe_consumer_groups(
        list(groups), include_authorized_operations=True, request_timeout=_WITHIN_S
    )
    found += [_missing(groups[name], future) for name, future in asked.items()]
    return [each for each in found if each]


def _missing(right: Right, future: Any) -> str:
    try:
        given = {operation.name for operation in future.result(_WITHIN_S).authorized_operations or ()}
    except KafkaException as error:
        return f"{right.resource} {right.name}: {error.args[0].str()}; {_MEND}"
    lacking = [each for each in right.operations if _constant(each) not in given]
    return f"{right.resource} {right.name}: no right to {', '.join(lacking)}; {_MEND}" if lacking else ""


def _constant(operation: str) -> str:
    """`DescribeConfigs` as Kafka's clients have it: DESCRIBE_CONFIGS."""
    return "".join(f"_{each}" if each.isupper() and at else each for at, each in enumerate(operation)).upper()
