"""How far a service has applied `signals`: what its group has committed, asked for without joining it, or what its table says."""

from __future__ import annotations

import json
from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaException, TopicPartition

from app.connectors.kafka import ANSWER_WITHIN_S, client_config, unreachable
from app.connectors.reading import End
from app.road.ports import Message


def applied_offsets(servers: str, group: str, topic: str, partitions: Iterable[int]) -> dict[int, int]:
    """Give the next offset of each partition that the group will read; 0 where it has committed none.

    Raises KafkaUnreachableError.
    """
    consumer = Consumer(client_config(servers, group_id=group, enable_auto_commit=False))
    try:
        places = consumer.committed([TopicPartition(topic, each) for each in partitions], ANSWER_WITHIN_S)
    except KafkaException as error:
        raise unreachable(servers, error) from error
    finally:
        consumer.close()
    return {place.partition: max(0, place.offset) for place in places}


def recorded_offsets(changelog: Iterable[Message | End], partitions: Iterable[int]) -> dict[int, int]:
    """Give the same by the newest record of each partition's table: 0 where there is none.

    For the embedded broker, which tells nobody what was committed in transactions. A message that came to no record is not seen.
    """
    found = dict.fromkeys(partitions, 0)
    for each in changelog:
        if isinstance(each, Message) and each.value is not None:
            next_offset = int(json.loads(each.value).get("applied_offset", -1)) + 1
            found[each.partition] = max(found.get(each.partition, 0), next_offset)
    return found
