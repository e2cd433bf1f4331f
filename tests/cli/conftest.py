"""Running the command line in the process, with nothing of this machine's environment."""

import os

import pytest
from typer.testing import CliRunner

from app.cli.root import app
from app.connectors.kafka import Writer


@pytest.fixture
def oncall(monkeypatch):
    """Run `oncall ...`; gives the result with `.exit_code`, `.stdout`, `.stderr`."""
    for name in [name for name in os.environ if name.startswith("ONCALL_")]:
        monkeypatch.delenv(name)
    runner = CliRunner()

    def run(*arguments, stdin=None, **environment):
        return runner.invoke(
            app, [str(a) for a in arguments], input=stdin, env=environment, prog_name="oncall"
        )

    return run


@pytest.fixture
def kafka(embedded_broker, topic_prefix):
    """Options that point a command at the embedded broker and at topics of this test alone."""
    return ("--bootstrap-servers", embedded_broker.bootstrap_servers, "--topic-prefix", topic_prefix)


@pytest.fixture
def nowhere(monkeypatch):
    """Options that point a command at a port where nobody listens; that it waits 10 s there is for people."""
    monkeypatch.setattr("app.connectors.kafka.ANSWER_WITHIN_S", 1.0)
    monkeypatch.setattr("app.stream.topics._ANSWER_WITHIN_S", 1.0)
    return ("--bootstrap-servers", "127.0.0.1:1")


@pytest.fixture
def put(embedded_broker, topic_prefix):
    """Put messages (key and value) on a topic of this test."""

    def put(topic, *messages):
        with Writer(embedded_broker.bootstrap_servers) as writer:
            for key, value in messages:
                writer.send(f"{topic_prefix}.{topic}", key, value)

    return put
