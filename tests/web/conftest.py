"""The web port without a broker: Faust's web server on a free port, a worker and a read model set by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import faust
import pytest
from aiohttp.test_utils import TestClient, TestServer

from app.model.expressions import ExpressionError, Template
from app.model.library import Library
from app.model.matchers import Match, parse_matcher
from app.model.runbook import FollowUp, Runbook, Step
from app.model.words import Phase
from app.web.connectors import Connectors
from app.web.read_model import ReadModel
from app.web.standings import Standings
from app.web.state import State
from app.web.views import decode_snapshot, mount
from tests.support.incidents import NOW
from tests.support.runtime import FakeLibraries, FakeRuntime

WITHIN_S = 20


@dataclass(frozen=True)
class Path:
    """An expression that reads one path, such as `trigger.labels.pod`; enough of CEL for pages."""

    source: str

    def evaluate(self, context):
        value = context
        for name in self.source.split("."):
            if name not in value:
                raise ExpressionError(f"no such key: {name}")
            value = value[name]
        return value


def template(*parts) -> Template:
    compiled = tuple(part if isinstance(part, str) else Path(*part) for part in parts)
    return Template(
        "".join(p if isinstance(p, str) else "${{ " + p.source + " }}" for p in compiled), compiled
    )


def a_runbook(id_="kube-pod-crash-looping", title="Pod is crash looping", body=None, **fields) -> Runbook:
    return Runbook(
        id=id_,
        title=title,
        path=f"kubernetes/{id_}.md",
        hash="ab" * 32,
        match=Match(((parse_matcher('alertname="KubePodCrashLooping"'),),)),
        body=body
        or template(
            "## Meaning\nA container in `",
            ("trigger.labels.namespace",),
            "` restarts.\n\n## Diagnosis\n\n```yaml step=last_state\naction: kubernetes.describe\nwith:\n  pod: ",
            ("trigger.labels.pod",),
            "\n```\n\n## Mitigation\n\n```yaml step=undo_deploy\naction: kubernetes.rollout_undo\n```\n\n"
            "## Verification\n\n```yaml step=quiet\nwait: {until: incident.firing == 0}\n```\n\n"
            "## Follow-up\n- [ ] Raise the limit {owner=service due=5d}\n",
        ),
        steps=(Step("last_state", Phase.DIAGNOSIS, 9, action="kubernetes.describe"),),
        follow_ups=(FollowUp("Raise the limit", "service"),),
        **fields,
    )


def a_library(*runbooks: Runbook, hash_="current") -> Library:
    return Library(hash=hash_, runbooks={each.id: each for each in runbooks or (a_runbook(),)})


async def until(condition):
    async with asyncio.timeout(WITHIN_S):
        while not condition():  # noqa: ASYNC110  # another task of this loop makes it true; nothing tells when
            await asyncio.sleep(0.05)


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime(libraries=FakeLibraries([a_library()]))


@pytest.fixture
def model() -> ReadModel:
    model = ReadModel(decode_snapshot)
    model.caught_up()
    return model


@pytest.fixture
def show(model):
    """Puts incidents onto the topic, as it were."""

    def put(*incidents):
        for incident in incidents:
            model.put(incident.id.encode(), incident.model_dump_json().encode())

    return put


@pytest.fixture
def standings() -> Standings:
    standings = Standings()
    standings.caught_up()
    return standings


@pytest.fixture
def announced() -> Connectors:
    connectors = Connectors()
    connectors.caught_up()
    connectors.why_not = "the connectors topic is not read yet"
    return connectors


@pytest.fixture
async def client(runtime, model, standings, announced):
    app = faust.App("web-test", broker="kafka://127.0.0.1:1", web_bind="127.0.0.1")
    mount(app, State(runtime, model, standings, announced, now=lambda: NOW))
    async with TestClient(TestServer(app.web.web_app)) as client:
        yield client
