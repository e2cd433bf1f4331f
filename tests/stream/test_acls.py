"""Least rights, on a broker that grants nothing else: with them everything goes, without one of them it is told which."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from app.settings import Settings
from app.stream.acls import Right, roles
from tests.stream.conftest import LIBRARY
from tests.support import kafka_process
from tests.support.brokers import Broker
from tests.support.kafka_process import KafkaProcess
from tests.support.worker import WorkerProcess, make_topics

pytestmark = [pytest.mark.slow, pytest.mark.real_kafka]

ROLES = [role.name for role in roles(Settings())]
PASSWORDS = {name: f"secret-of-{name}" for name in (*ROLES, "nobody")}
TYPES = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional-id": ResourceType.TRANSACTIONAL_ID,
    "cluster": ResourceType.BROKER,
}
WITHIN_S = 60


@pytest.fixture(scope="module")
def node():
    if lack := kafka_process.missing():
        pytest.skip(f"needs an Apache Kafka process of its own: {lack}")
    with KafkaProcess(PASSWORDS) as process:
        yield process


@dataclass
class Secured:
    """A service on a broker that grants nothing by itself."""

    node: KafkaProcess
    prefix: str
    folder: Path

    @property
    def settings(self):
        return Settings(topic_prefix=self.prefix, app_id=self.prefix)

    def role(self, name):
        return next(each for each in roles(self.settings) if each.name == name)

    def grant(self, name, but=None, operations=()):
        """Grant a role its rights, but for one, or for some operations of that one."""
        bindings = [
            binding(f"User:{name}", right, operation)
            for right in self.role(name).rights
            for operation in right.operations
            if right != but or (operations and operation not in operations)
        ]
        admin = self.admin()  # it lives until the answers are there
        for future in admin.create_acls(bindings).values():
            future.result(WITHIN_S)
        deadline = time.monotonic() + WITHIN_S
        mine = AclBindingFilter(
            ResourceType.ANY,
            None,
            ResourcePatternType.ANY,
            f"User:{name}",
            None,
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        while len(admin.describe_acls(mine).result(WITHIN_S)) < len(
            bindings
        ):  # they are in force a moment later
            assert time.monotonic() < deadline

    def revoke_all(self):
        every = AclBindingFilter(
            ResourceType.ANY,
            None,
            ResourcePatternType.ANY,
            None,
            None,
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        admin = self.admin()
        for future in admin.delete_acls([every]).values():
            future.result(WITHIN_S)

    def admin(self):
        return AdminClient({"bootstrap.servers": self.node.bootstrap_servers})

    def security(self, name):
        return {
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "PLAIN",
            "sasl_username": name,
            "sasl_password": PASSWORDS[name],
        }

    def client(self, name, **more):
        return {
            "bootstrap.servers": self.node.sasl_servers,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanisms": "PLAIN",
            "sasl.username": name,
            "sasl.password": PASSWORDS[name],
            **more,
        }

    def worker(self, name="oncall-worker"):
        return WorkerProcess(
            bootstrap_servers=self.node.sasl_servers,
            topic_prefix=self.prefix,
            app_id=self.prefix,
            runbooks=self.folder,
            data_dir=self.folder.parent / "data",
            output_format="json",
            **self.security(name),
        )

    def oncall(self, name, *arguments):
        """The command, as that principal."""
        told = {
            "bootstrap_servers": self.node.sasl_servers,
            "topic_prefix": self.prefix,
            "app_id": self.prefix,
            "output_format": "json",
            **self.security(name),
        }
        kept = {each: value for each, value in os.environ.items() if not each.startswith("ONCALL_")}
        environment = kept | {f"ONCALL_{each.upper()}": value for each, value in told.items()}
        command = [Path(sys.executable).with_name("oncall"), *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=WITHIN_S, check=False
        )

    def send(self, name, topic, value):
        refused = []
        producer = Producer(self.client(name, **{"enable.idempotence": True}))
        producer.produce(
            f"{self.prefix}.{topic}", json.dumps(value), on_delivery=lambda error, _: refused.append(error)
        )
        try:
            producer.flush(WITHIN_S)
        except (
            KafkaException
        ) as error:  # what ends the producer as a whole may be told here, before its messages are
            return error.args[0]
        return refused[0]

    def read(self, name, topic, until, group):
        """Values of a topic, as that principal reads them in a group, until one is as wanted; give it."""
        consumer = Consumer(self.client(name, **{"group.id": group, "auto.offset.reset": "earliest"}))
        consumer.subscribe([f"{self.prefix}.{topic}"])
        deadline = time.monotonic() + WITHIN_S
        try:
            while time.monotonic() < deadline:
                message = consumer.poll(0.2)
                if message is None:
                    continue
                assert message.error() is None, message.error()
                value = json.loads(message.value())
                if until(value):
                    return value
        finally:
            consumer.close()
        raise AssertionError(f"nothing like it on {topic}")


def binding(principal, right: Right, operation):
    pattern = ResourcePatternType.PREFIXED if right.is_prefix else ResourcePatternType.LITERAL
    words = "".join(
        f"_{each}" if each.isupper() and at else each for at, each in enumerate(operation)
    ).upper()
    return AclBinding(
        TYPES[right.resource],
        right.name,
        pattern,
        principal,
        "*",
        AclOperation[words],
        AclPermissionType.ALLOW,
    )


@pytest.fixture
def secured(node, topic_prefix, tmp_path):
    folder = tmp_path / "library"
    folder.mkdir()
    for name, text in LIBRARY.items():
        (folder / name).write_text(text)
    service = Secured(node, topic_prefix, folder)
    make_topics(Broker(node.bootstrap_servers, real=True, how=""), topic_prefix)
    service.revoke_all()
    service.grant("oncall-publisher")
    published = service.oncall("oncall-publisher", "library", "publish", "--runbooks", str(folder))
    assert published.returncode == 0, published.stderr
    return service


ALERT = {
    "labels": {"alertname": "CrashLooping", "severity": "critical", "pod": "cart-1"},
    "startsAt": "2026-11-01T00:00:00Z",
}


def test_with_the_least_rights_an_alert_becomes_a_command_and_its_result_is_taken(secured):
    executor = "oncall-step-connector"
    for name in ("oncall-worker", "oncall-monitoring", executor, "oncall-audit", "oncall-dead-letters"):
        secured.grant(name)
    with secured.worker() as worker:
        worker.wait_ready()
        assert secured.send("oncall-monitoring", "alerts", ALERT) is None
        command = secured.read(executor, "step-commands", lambda said: said["op"] == "run", f"{executor}-1")
        answer = {name: command[name] for name in ("object_id", "domain")}
        answer |= {"id": "r1", "command_id": command["id"], "status": "succeeded"}
        assert secured.send(executor, "step-results", answer) is None
        secured.read("oncall-audit", "incidents", looked, "oncall-look-test")
        assert secured.send("oncall-monitoring", "alerts", "nonsense") is None
        secured.read("oncall-dead-letters", "dead-letters", lambda said: said["reason"], "oncall-look-test")
        put_back = secured.oncall("oncall-dead-letters", "dead-letters", "retry", "--all")
        assert (put_back.returncode, "1 put back" in put_back.stderr) == (0, True), put_back.stderr
        replayed = secured.oncall("oncall-audit", "replay", "--json")
        assert json.loads(replayed.stdout)["equal"], replayed.stdout + replayed.stderr
        assert worker.terminate() == 0
        assert all(secret not in worker.log for secret in PASSWORDS.values())


def looked(said):
    return any(run["status"] == "succeeded" for each in said["executions"] for run in each["steps"])


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("oncall-monitoring", "signals"),
        ("oncall-monitoring", "step-results"),
        ("oncall-step-connector", "signals"),
        ("oncall-step-connector", "responses"),
        ("oncall-audit", "alerts"),
        ("nobody", "alerts"),
    ],
)
def test_nobody_writes_what_is_not_theirs(secured, name, topic):
    if name != "nobody":
        secured.grant(name)
    assert secured.send(name, topic, ALERT).code() in (
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    )


LACKING = {
    "all of alerts": ("topic", ".alerts", ()),
    "reading alerts": ("topic", ".alerts", ("Read",)),
    "reading signals": ("topic", ".signals", ("Read",)),
    "writing signals": ("topic", ".signals", ("Write",)),
    "writing outputs": ("topic", ".incidents", ("Write",)),
    "all of the changelog": ("topic", "-changelog", ()),
    "writing the changelog": ("topic", "-changelog", ("Write",)),
    "reading the changelog": ("topic", "-changelog", ("Read",)),
    "the library": ("topic", ".library", ()),
    "reading the library": ("topic", ".library", ("Read",)),
    "the group": ("group", "", ()),
    "transactions": ("transactional-id", "-", ()),
}


@pytest.mark.parametrize(("resource", "ending", "operations"), LACKING.values(), ids=LACKING)
def test_a_worker_that_lacks_a_right_ends_and_says_which(secured, resource, ending, operations):
    lacking = next(
        right
        for right in secured.role("oncall-worker").rights
        if right.resource == resource and right.name.endswith(ending)
    )
    secured.grant("oncall-worker", lacking, operations)
    secured.grant("oncall-monitoring")
    assert secured.send("oncall-monitoring", "alerts", ALERT) is None
    with secured.worker() as worker:
        assert worker.wait_end(WITHIN_S) in (1, 2)
        last_words = worker.log[-3000:]
        assert "oncall topics acls" in last_words, last_words
        if resource != "transactional-id":
            assert lacking.name in last_words


def test_a_wrong_password_is_told(secured):
    worker = secured.worker()
    worker.settings["sasl_password"] = "wrong"
    with worker:
        assert worker.wait_end(WITHIN_S) == 2
        assert "ONCALL_SASL_PASSWORD are right" in worker.log, worker.log[-3000:]
        assert "secret-of" not in worker.log
