"""How far a service has applied `signals`: what its group has committed, asked for without joining it."""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaException, TopicPartition

from app.connectors.kafka import ANSWER_WITHIN_S, client_config, unreachable


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
