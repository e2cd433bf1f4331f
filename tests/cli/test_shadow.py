"""`oncall shadow report` over an hour in shadow that production decided, beside a pager that paged the same people."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from app.core.rehearsal import Rehearsal
from app.intake.read import read_message
from app.library.compile import compile_library
from app.library.hashes import library_hash
from app.library.topic import CURRENT, records_of
from app.model.commands import StepCommand
from app.model.messages import Message
from app.model.topics import key_of, topic_of
from app.wire.codec import Codec

START = datetime(2026, 11, 24, 3, tzinfo=UTC)
HOUR = ("--since", "2026-11-24T03:00:00Z", "--until", "2026-11-24T04:00:00Z")
FILES = {
    "estate.yaml": """
rules: {team: shop, trusted: [chat]}
teams: {shop: {escalation: shop}, search: {escalation: search}}
guards: {runs_to_auto: 3}
people: {alice: {name: Alice Arslan, identities: ["pagerduty:PX1", "chat:U1"]}, bruno: {name: Bruno Baptista}}
policies:
  shop: {levels: [{targets: ["user:alice"]}]}
  search: {levels: [{targets: ["user:bruno"]}]}
services: {cart: {team: shop}, payments: {team: shop}, search: {team: search}}
actions: {shop.look: {effect: read}, shop.restart: {effect: change}}
""",
    "cart-down.md": """---
title: The cart is down
match: ['alertname="CartDown"']
page: after 3m
budget: 40m
---
## Diagnosis
```yaml step=look
action: shop.look
```
## Mitigation
```yaml step=restart
action: shop.restart
```
## Verification
```yaml step=quiet
wait: {until: incident.firing == 0, for: 1m, timeout: 30m}
```
""",
}
PAGER = """incident_number,description,service_name,created_on,assigned_to,seconds_to_first_ack,resolved_on
101,[FIRING:1] CartDown,cart,2026-11-24T03:00:30Z,Alice Arslan,60,2026-11-24T03:21:00Z
102,[FIRING:1] CartDown,cart,2026-11-24T03:04:30Z,Alice Arslan,20,2026-11-24T03:21:00Z
103,SearchSlow,search,2026-11-24T03:14:00Z,PX1,,
104,CartDown for payments,payments,2026-11-24T03:30:10Z,Alice Arslan,,
105,Disk [/full] on db-7,Databases,2026-11-24T03:40:00Z,Chidi,,
"""


class Night:
    """What production decides of what comes in, on virtual time."""

    def __init__(self):
        self.library = compile_library(FILES)
        self.world = Rehearsal(self.library, START)
        self.count = 0

    def at(self, minute):
        self.world.go_to(START + timedelta(minutes=minute))
        return self

    def comes(self, topic, **value):
        self.count += 1
        message = Message(topic, 0, self.count, None, json.dumps(value).encode(), self.world.now)
        for placed in read_message(message, self.library):
            self.world.apply(placed.domain, placed.signal)

    def alert(self, name, service, severity="error", began=0, status="firing"):
        labels = {"alertname": name, "service": service, "severity": severity}
        began = (START + timedelta(minutes=began)).isoformat()
        ended = {"endsAt": self.world.now.isoformat()} if status == "resolved" else {}
        self.comes("alerts", labels=labels, status=status, startsAt=began, **ended)

    def answers_steps(self):
        """Say what an executor says that would do them, and does not."""
        for command in self.world.outputs:  # grows while it is gone through
            if isinstance(command, StepCommand) and command.op == "run":
                answer = {"id": f"r{command.id}", "command_id": command.id, "status": "succeeded"}
                self.comes("step-results", domain=command.domain, object_id=command.object_id, **answer)

    def says(self, response, service, **fields):
        domain = f"production/{service}"
        (incident_id,) = self.world.record(domain).incidents
        actor = {"provider": "chat", "id": "U1", "verified_by": "chat"}
        self.comes(
            "responses", domain=domain, incident_id=incident_id, response=response, actor=actor, **fields
        )


@pytest.fixture
def hour(put):
    """The cart is down and a person mends it; search is slow; payments blip; an alert that the pager never hears of."""
    night = Night()
    night.at(0).alert("CartDown", "cart")
    night.at(0.1).answers_steps()
    night.at(10).alert("SearchSlow", "search", began=10)
    night.at(20.1).says("resolve", "cart")
    night.says("feedback", "cart", text="right")
    night.at(30).alert("CartDown", "payments", began=30)
    night.at(30.5).alert("CartDown", "payments", began=30, status="resolved")
    night.at(50).alert("TooManyLogs", "", severity="info", began=50)
    night.at(59)
    codec = Codec()
    by_topic = defaultdict(list)
    for output in night.world.outputs:
        by_topic[topic_of(output)].append((key_of(output), codec.encode(output)))
    for topic, messages in by_topic.items():
        put(topic, *messages)
    records = [*records_of(FILES), (CURRENT, library_hash(FILES))]
    put("library", *((key.encode(), value.encode()) for key, value in records))


@pytest.fixture
def pager(tmp_path):
    path = tmp_path / "pager.csv"
    path.write_text(PAGER)
    return path


def documented(oncall, *arguments):
    done = oncall("shadow", "report", "--json", *arguments)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_the_hour_as_a_document(oncall, kafka, hour, pager):
    told = documented(oncall, "--pager", pager, *HOUR, *kafka)
    assert told["pager_pages"] == 5
    counts = {name: told["pages"][name] for name in ("both", "missed", "added", "repeats", "live")}
    assert counts == {"both": 2, "missed": 2, "added": 1, "repeats": 1, "live": 0}
    assert told["pages"]["later"] == {"count": 1, "median_seconds": 150.0}
    assert told["pages"]["earlier"] == {"count": 1, "median_seconds": 240.0}
    assert told["pages"]["to"] == {"same": 1, "other": 1, "unknown": 0}
    lines = [(each["outcome"], each["title"], each["match"], each["why_not"]) for each in told["incidents"]]
    assert lines == [
        ("both", "CartDown", "service_and_title", None),
        ("both", "SearchSlow", "service_and_title", None),
        ("missed", "CartDown", "service_and_title", "resolved_first"),
        ("missed", None, None, "no_incident"),
        ("added", "TooManyLogs", None, None),
    ]
    assert told["incidents"][0]["ours"] == {
        "at": "2026-11-24T03:03:00Z",
        "to": ["user:alice"],
        "reason": "page_after",
    }


def test_the_runs_as_a_document(oncall, kafka, hour, pager):
    (page,) = documented(oncall, "--pager", pager, *HOUR, *kafka)["runbooks"]
    assert page["runbook_id"] == "cart-down"
    assert page["would"] == [
        {"action": "shop.restart", "effect": "change", "times": 1},
        {"action": "shop.look", "effect": "read", "times": 2},
    ]
    assert page["feedback"] == {"right": 1, "wrong": 0, "none": 1}
    assert page["incidents_resolved_by_people"] == 1
    assert [run["seconds_ahead"] for run in page["runs"]] == [1200.0, None]
    assert (page["good_runs"], page["runs_needed"]) == (1, 3)
    assert page["until_auto"] == [
        {"reason": "mode_overall", "words": "mode shadow overall"},
        {"reason": "not_earned", "words": "2 more good runs (1 of 3)"},
    ]


def test_the_hour_at_a_glance(oncall, kafka, hour, pager):
    done = oncall("shadow", "report", "--pager", pager, *HOUR, *kafka)
    assert done.exit_code == 0, done.stderr
    told = [" ".join(line.split()) for line in done.stdout.rstrip().splitlines()]
    for words in (
        "In shadow, 2026-11-24 03:00 to 2026-11-24 04:00 UTC",
        "both paged 2 we 1 earlier (median 4m), 1 later (median 2m 30s); 1 to the same person, 1 to another",
        "missed 2 the pager paged, we would not have",
        "acknowledged 2 by people, in the pager; median after 20s",
    ):
        assert words in told
    rows = [line for line in told if line.startswith("11-24 ")]
    kinds = ("missed", "missed", "added", "2m 30s later", "4m earlier")
    assert all(kind in row for kind, row in zip(kinds, rows, strict=True)), rows
    assert "Disk [/full] on db-7 03:40:00 Chidi - we opened no incident for it" in rows[1]
    runs = " ".join(told[-3:])
    for words in (
        "cart-down 2 shop.restart x1 (change),",
        "1 / 0 / 1",
        "1 before the end",
        "mode shadow overall",
    ):
        assert words in runs


def test_without_an_export(oncall, kafka, hour):
    done = oncall("shadow", "report", *HOUR, *kafka)
    assert "would page" in done.stdout
    assert "missed" not in done.stdout
    assert "give an export of today's pager with --pager FILE" in done.stderr
    assert documented(oncall, *HOUR, *kafka)["pages"]["ours"] == 3


def test_a_time_in_which_nothing_happened(oncall, kafka, hour, pager):
    told = documented(oncall, "--pager", pager, "--since", "1h", "--until", "2026-11-25T00:00:00Z", *kafka)
    assert (told["pager_pages"], told["incidents"], told["runbooks"]) == (0, [], [])


def test_what_cannot_be_read_is_left_out_and_told(oncall, kafka, hour, put):
    put("escalation-commands.shadow", (b"k", b"nonsense"))
    done = oncall("shadow", "report", *HOUR, *kafka)
    assert done.exit_code == 0
    assert "escalation-commands.shadow, partition" in done.stderr
    assert "is left out" in done.stderr


def test_no_library_and_no_shadow_topics(oncall, kafka, put):
    put("incidents")
    put("incidents", (b"k", None))
    done = oncall("shadow", "report", *kafka)
    assert (done.exit_code, "no library is in force here" in done.stderr) == (0, True), done.stderr


@pytest.mark.parametrize(
    ("text", "more", "code", "words"),
    [
        ("id,at\n1,x\n2,y\n", (), 1, "pager.csv:3: at: 'y' is no time; write it as 2026-11-24T03:00:00Z"),
        ("id,at\n1,x\n2,y\n", (), 1, "2 lines cannot be read; nothing was compared"),
        ("id,sent\n1,x\n", (), 2, "pager.csv:2: no column says when a page was sent; name it: --columns at="),
        ("id,sent\n1,x\n", ("--columns", "at=send"), 2, "did you mean sent?"),
        ("id,at\n", ("--zone", "Berlin"), 2, "--zone: 'Berlin' is no zone; write one such as Europe/Berlin"),
        ("id,at\n", ("--zone", "../x"), 2, "--zone: '../x' is no zone"),
        ("id,at\n", ("--since", "soon"), 2, "--since: 'soon' is no time; write 7d, 12h or 2026-"),
        ("id,at\n", ("--since", "999999999d"), 2, "--since: 999999999d is further back than time goes"),
        ("id,at\n", ("--since", "2999-01-01"), 2, "--since: nothing lies between 2999-01-01"),
        ("id,at\n", ("--until", "x"), 2, "--until: 'x' is no time"),
        ("id,at\n", ("--window", "15"), 2, "--window: '15' is no length of time; write 15m or 1h"),
        ("id,at\n", (), 2, "cannot reach Kafka"),
    ],
)
@pytest.mark.timeout(60)
def test_mistakes_are_told_in_one_line_with_the_mend(oncall, nowhere, pager, text, more, code, words):
    pager.write_text(text)
    done = oncall("shadow", "report", "--pager", pager, *more, *nowhere)
    assert (done.exit_code, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_files_that_are_not_there_or_no_text(oncall, nowhere, pager):
    pager.write_bytes(b"id,at\n\xff\xfe")
    done = oncall("shadow", "report", "--pager", pager, *nowhere)
    assert (done.exit_code, "not UTF-8 text at byte 6" in done.stderr) == (1, True)
    done = oncall("shadow", "report", "--pager", "no-such.csv", *nowhere)
    assert (done.exit_code, "no-such.csv: No such file" in done.stderr) == (2, True)


def test_times_without_a_zone_are_told(oncall, kafka, hour, pager):
    pager.write_text("id,at,title\n1,2026-11-24 04:00:30,CartDown\n")
    done = oncall("shadow", "report", "--pager", pager, "--zone", "Europe/Berlin", "--json", *HOUR, *kafka)
    assert json.loads(done.stdout)["pages"]["both"] == 1
    assert "1 times name no zone and are taken to be in Europe/Berlin (--zone)" in done.stderr
