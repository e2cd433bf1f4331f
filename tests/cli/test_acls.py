"""Rights, printed: all that the topics and settings imply, and nothing else."""

import json

from app.model import topics
from app.settings import Settings
from app.stream.acls import READ, WRITE, roles
from app.stream.topics import specs


def rights_of(name, **settings):
    role = next(each for each in roles(Settings(**settings)) if each.name == name)
    return {(right.resource, right.name): right for right in role.rights}


def test_every_topic_is_somebodys():
    settings = Settings(topic_prefix="p", app_id="a")
    granted = {
        right.name for role in roles(settings) if role.name != "oncall-topics" for right in role.rights
    }
    assert {spec.name for spec in specs(settings)} <= granted


def test_names_follow_the_settings():
    rights = rights_of("oncall-worker", topic_prefix="p", app_id="a")
    assert ("topic", "p.signals") in rights
    assert ("topic", "a-incidents-changelog") in rights
    assert ("group", "a") in rights
    assert rights["transactional-id", "a-"].pattern == "prefixed"


def test_a_connector_reads_its_commands_writes_its_answers_and_nothing_else():
    rights = rights_of("oncall-step-connector")
    assert {name: right.operations for (kind, name), right in rights.items() if kind == "topic"} == {
        "oncall.connectors": (WRITE,),
        "oncall.step-commands": (READ,),
        "oncall.step-results": (WRITE,),
    }
    assert ("topic", "oncall.responses") in rights_of("oncall-ticket-connector")


def test_only_the_worker_and_who_puts_letters_back_write_signals():
    writers = {
        role.name
        for role in roles(Settings())
        for right in role.rights
        if right.name == f"oncall.{topics.SIGNALS}" and WRITE in right.operations
    }
    assert writers == {"oncall-worker", "oncall-dead-letters"}


def test_who_only_looks_writes_nothing():
    assert not any(WRITE in right.operations for right in rights_of("oncall-audit").values())


def test_the_table(oncall):
    done = oncall("topics", "acls", "oncall-monitoring", "--topic-prefix", "p")
    assert done.exit_code == 0
    assert "oncall-monitoring: puts alerts in" in done.stdout
    assert [line.split() for line in done.stdout.splitlines() if "p.alerts" in line] == [
        ["topic", "p.alerts", "Write"]
    ]


def test_lines_for_kafkas_own_tool(oncall):
    done = oncall("topics", "acls", "oncall-worker", "--commands", "--principal", "svc", "-b", "k:9092")
    lines = [line for line in done.stdout.splitlines() if not line.startswith("#")]
    assert all(
        line.startswith(
            "kafka-acls.sh --bootstrap-server k:9092 --add --allow-principal User:svc --operation "
        )
        for line in lines
    )
    assert any(
        line.endswith("--transactional-id 'oncall-' --resource-pattern-type prefixed") for line in lines
    )
    assert any(line.endswith("--operation IdempotentWrite --cluster") for line in lines)


def test_as_a_document(oncall):
    document = json.loads(oncall("topics", "acls", "--json").stdout)
    assert [role["name"] for role in document["roles"]] == [role.name for role in roles(Settings())]


def test_a_role_that_there_is_not_is_told_with_those_there_are(oncall):
    done = oncall("topics", "acls", "boss")
    assert done.exit_code == 2
    assert "oncall-audit" in done.stderr
