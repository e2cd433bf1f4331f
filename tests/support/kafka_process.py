"""Apache Kafka as a process: one KRaft node (broker and controller) on loopback, its jars resolved by Maven."""

from __future__ import annotations

import functools
import logging
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Self
from xml.etree import ElementTree as ET

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

POM = Path(__file__).parent / "kafka" / "pom.xml"
_NEEDS_JAVA = 17
_RESOLVE_WITHIN_S = 600
_FORMAT_WITHIN_S = 60
_READY_WITHIN_S = 60
_LOG_TAIL_LINES = 40
_HOST = "127.0.0.1"

# Heap small enough for a laptop; the serial collector starts fastest on few cores.
_JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
num.partitions=4
# One node: every internal topic has one replica, and few partitions so that the first use is quick.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# Tests of crashes must not wait for defaults made for clusters. A node killed and started again is let in only when
# the session of its former life has ended, 9 s by default.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
log.cleaner.backoff.ms=1000
log.cleaner.dedupe.buffer.size=16777216
"""


_SECURED = """\
listeners=PLAINTEXT://{host}:{port},SASL://{host}:{sasl_port},CONTROLLER://{host}:{controller_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required {users};
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""
"""Who comes by PLAINTEXT may do everything, and by SASL what ACLs grant them."""


class KafkaProcessError(Exception):
    """The broker could not be resolved, formatted or started; the message holds the tail of its log."""


class KafkaProcess:
    """One node that can be killed and started again on the same ports and data.

    All methods block: in a coroutine, call them through `asyncio.to_thread`. Data live in a temporary folder
    that goes with `stop()`; the node goes with the Python process, however that ends.
    """

    def __init__(self, users: Mapping[str, str] | None = None) -> None:
        """With `users`, names and passwords, it has a second listener where they may do what ACLs grant them."""
        self._home = Path(tempfile.mkdtemp(prefix="oncall-kafka-"))
        self._log = self._home / "broker.log"
        self._properties = self._home / "server.properties"
        self._process: subprocess.Popen[bytes] | None = None
        self._leash: subprocess.Popen[bytes] | None = None
        self._formatted = False
        self._port, controller_port, self._sasl_port = free_ports(3)
        text = _PROPERTIES + (_SECURED if users else "")
        self._properties.write_text(
            text.format(
                host=_HOST,
                port=self._port,
                controller_port=controller_port,
                sasl_port=self._sasl_port,
                users=" ".join(f'user_{name}="{password}"' for name, password in (users or {}).items()),
                data=self._home / "data",
            )
        )

    @property
    def bootstrap_servers(self) -> str:
        """`host:port`, the same before and after a restart."""
        return f"{_HOST}:{self._port}"

    @property
    def sasl_servers(self) -> str:
        """`host:port` where users say who they are."""
        return f"{_HOST}:{self._sasl_port}"

    @property
    def running(self) -> bool:
        """Whether the process is there (not whether it answers)."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the node and wait (at most 60 s) until it answers.

        Raises KafkaProcessError with the log's tail if it dies or stays silent.
        """
        if self.running:
            return
        self.kill()  # a node that died by itself still has its leash
        jars = resolve_jars()
        if not self._formatted:
            self._format(jars)
        self._launch(jars)
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """SIGKILL, as `kill -9`: nothing is flushed, nobody is told. Data and ports stay. Gone on return."""
        for process in (self._leash, self._process):
            if process is not None:
                process.kill()
                process.wait()
                if process.stdin is not None:
                    process.stdin.close()
        self._leash = self._process = None

    def restart(self) -> None:
        """Kill the node and start it again on the same ports and data; ready on return."""
        self.kill()
        self.start()

    def stop(self) -> None:
        """End the node and delete its data. Nothing is worth flushing, so it is killed."""
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def log_tail(self) -> str:
        """The last lines of the broker's log (warnings and errors)."""
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(lines[-_LOG_TAIL_LINES:]) or "(the log is empty)"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _format(self, jars: Path) -> None:
        cluster_id = uuid.uuid4().hex[:22]  # 22 characters of base64, as Kafka wants them
        arguments = ("format", "--standalone", "-t", cluster_id, "-c", str(self._properties))
        command = _java(jars, "kafka.tools.StorageTool", *arguments)
        with self._log.open("ab") as log:
            done = subprocess.run(command, stdout=log, stderr=log, timeout=_FORMAT_WITHIN_S, check=False)
        if done.returncode != 0:
            raise self._failure(f"formatting ended with {done.returncode}")
        self._formatted = True

    def _launch(self, jars: Path) -> None:
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C ends the tests, and their teardown ends the broker.
            self._process = subprocess.Popen(
                _java(jars, "kafka.Kafka", str(self._properties)),
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._leash = _leash(self._process.pid)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        admin = _patient_admin(self.bootstrap_servers)
        while time.monotonic() < deadline:
            if not self.running:
                raise self._failure("the broker ended while starting")
            if answers(admin):
                return
        raise self._failure(f"the broker did not answer within {_READY_WITHIN_S} s")

    def _failure(self, what: str) -> KafkaProcessError:
        return KafkaProcessError(f"Apache Kafka {kafka_version()}: {what}. Its log ends:\n{self.log_tail()}")


def missing() -> str | None:
    """What this machine lacks to run the node, or None."""
    if shutil.which("mvn") is None or _java_version() < _NEEDS_JAVA:
        return f"no Java {_NEEDS_JAVA}+ with Maven"
    return None


def kafka_version() -> str:
    """The pinned version, from the pom."""
    version = ET.parse(POM).getroot().findtext("{*}properties/{*}kafka.version")
    if version is None:
        msg = f"{POM} names no kafka.version"
        raise KafkaProcessError(msg)
    return version


def resolve_jars() -> Path:
    """The folder with the broker's jars; resolved by Maven the first time (some 45 MB), at once afterwards.

    Raises KafkaProcessError with Maven's output if that fails.
    """
    jars = _cache() / f"kafka-{kafka_version()}"
    if not jars.is_dir():
        jars.parent.mkdir(parents=True, exist_ok=True)
        # Beside its final place, so that the rename is atomic: no run ever sees half a folder.
        with tempfile.TemporaryDirectory(dir=jars.parent, prefix=".resolving-") as scratch:
            fresh = Path(scratch) / "jars"
            _copy_dependencies(fresh)
            _publish(fresh, jars)
    return jars


def answers(admin: AdminClient) -> bool:
    """Whether the cluster answers with at least one broker, asked once, for at most a second."""
    try:
        return bool(admin.list_topics(timeout=1).brokers)
    except KafkaException:
        return False


def _cache() -> Path:
    chosen = os.environ.get("ONCALL_TEST_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "oncall-runbooks"


def _copy_dependencies(into: Path) -> None:
    goal = ("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={into}")
    done = subprocess.run(
        ["mvn", "-q", "-B", "-f", str(POM), *goal],
        capture_output=True,
        text=True,
        timeout=_RESOLVE_WITHIN_S,
        check=False,
    )
    if done.returncode != 0 or not into.is_dir():
        msg = (
            f"Maven could not resolve Apache Kafka {kafka_version()}:\n{(done.stdout + done.stderr)[-4000:]}"
        )
        raise KafkaProcessError(msg)


def _publish(fresh: Path, final: Path) -> None:
    try:
        fresh.rename(final)
    except OSError:
        if not final.is_dir():  # else another run was first, with the same jars: use those
            raise


def _java(jars: Path, main: str, *arguments: str) -> list[str]:
    return [_java_binary(), *_JVM, "-cp", f"{jars}/*", main, *arguments]


def _java_binary() -> str:
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"


@functools.cache
def _java_version() -> int:
    """The major version of Java; 0 if there is none."""
    try:
        said = subprocess.run(
            [_java_binary(), "-version"], capture_output=True, text=True, check=False
        ).stderr
    except OSError:
        return 0
    found = re.search(r'version "(\d+)', said)
    return int(found.group(1)) if found else 0


def _leash(pid: int) -> subprocess.Popen[bytes]:
    """A watcher that kills `pid` when this process ends, even by SIGKILL: its stdin closes then."""
    return subprocess.Popen(
        ["sh", "-c", 'cat >/dev/null; kill -9 "$0"', str(pid)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def free_ports(count: int) -> list[int]:
    """Loopback ports nobody listens on, all different.

    Below the system's ephemeral range (32768 and up on Linux): while the node is down, no outgoing connection may
    take its port, nor may a client that keeps trying connect to itself.
    """
    free: list[int] = []
    while len(free) < count:
        port = 20_000 + secrets.randbelow(12_000)
        if port not in free and _is_free(port):
            free.append(port)
    return free


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _patient_admin(bootstrap_servers: str) -> AdminClient:
    """A client that tries again quickly and says nothing of refused connections: while starting they are normal."""
    silent = logging.getLogger("tests.kafka.starting")
    silent.disabled = True
    return AdminClient(
        {"bootstrap.servers": bootstrap_servers, "reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 100},
        logger=silent,
    )
