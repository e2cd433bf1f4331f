"""The pages: what a person woken at night finds on them, and that nothing from outside becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from app.model.evidence import Change, Suspect
from app.model.execution import StepRun
from app.web.prose import render_page
from tests.support.incidents import (
    ALICE,
    NOW,
    a_page,
    ago,
    an_alert,
    an_execution,
    an_id,
    an_incident,
    resolved,
)
from tests.web.conftest import a_library, a_runbook, template

VOID = {"meta", "link", "br", "hr", "input"}
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'[x](javascript:alert(1))"


class Page(HTMLParser):
    """Tags, texts and links of a page; fails on tags that do not close."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.open, self.words = [], [], [], []
        self.attributes = []
        self.feed(text)
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.links += [value for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"closes nothing: {tag}"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


async def get(client, path):
    answer = await client.get(path)
    assert answer.status == 200, await answer.text()
    assert answer.content_type == "text/html"
    return Page(await answer.text())


async def test_home_shows_what_is_open_the_worst_first(client, show):
    show(
        an_incident("warn", severity="warning", title="Disk fills", opened_at=ago(minutes=2)),
        an_incident("crit", title="Checkout is down", opened_at=ago(minutes=90), responders=["alice"]),
        resolved("done", title="Was slow"),
        resolved("long ago", opened=ago(days=3), title="Forgotten"),
    )
    page = await get(client, "/")
    text = page.text
    assert (
        text.index("Checkout is down")
        < text.index("Disk fills")
        < text.index("Resolved in the last 24 hours")
    )
    assert text.index("Resolved in the last") < text.index("Was slow")
    assert "Forgotten" not in text
    assert "alice" in text
    assert "nobody on it" in text
    assert "open for 1h 30m" in text
    assert f"/incidents/{an_id('crit')}" in page.links


async def test_home_without_incidents_is_calm(client):
    assert "Nothing is open." in (await get(client, "/")).text


async def test_home_while_starting_says_so_and_tries_again(client, model):
    model.ready, model.why_not = False, "12 messages to read"
    answer = await client.get("/")
    text = await answer.text()
    assert (answer.status, answer.content_type) == (503, "text/html")
    assert "12 messages to read" in text
    assert '<meta http-equiv="refresh"' in text


async def test_home_warns_when_the_worker_is_not_ready(client, runtime):
    runtime.state = (False, "tables are being recovered")
    assert "Not ready: tables are being recovered" in (await get(client, "/")).text


async def test_an_incident_tells_what_why_and_what_next(client, show):
    show(an_incident("one", executions=[an_execution()], escalations=[a_page(ack_by=ago(minutes=1))]))
    text = (await get(client, f"/incidents/{an_id('one')}")).text
    for words in (
        "Pod shop/cart-1 is crash looping",
        "cart · production",
        "Acknowledge: we paged user:alice because the incident is critical",
        "That time is over.",
        "Step undo_deploy is running.",
        "deploy cart cart v42",
        "paged user:alice",
        "policy shop, level 1",
        "pod=cart-1",
    ):
        assert words in text


async def test_an_incident_says_why_its_service_is_the_cause_and_which_change_is_likeliest(client, show):
    old = Change(id="d0", type="config", service="db", summary="pool size", at=ago(minutes=30))
    new = Change(id="d1", type="deploy", service="cart", summary="v42", at=ago(minutes=9))
    suspect = Suspect(change_id="d1", score=0.75, reasons=["on cart, the probable root", "9 min before"])
    reason = "2 of the 3 other affected services depend on it"
    show(an_incident("one", changes=[old, new], suspects=[suspect], root_reasons=[reason]))
    text = (await get(client, f"/incidents/{an_id('one')}")).text
    for words in ("Why cart", reason, "0.75: on cart, the probable root; 9 min before"):
        assert words in text
    assert text.index("v42") < text.index("pool size")


async def test_the_runbook_stands_beside_with_the_state_of_each_step(client, show):
    show(an_incident("one", executions=[an_execution()]))
    answer = await client.get(f"/incidents/{an_id('one')}")
    html = await answer.text()
    text = Page(html).text
    steps = re.findall(r'class="badge step-(\w+)">[^<]*</span> <strong>(\w+)</strong>', html)
    assert steps == [("succeeded", "last_state"), ("running", "undo_deploy"), ("pending", "quiet")]
    assert "A container in shop restarts." in re.sub(r"\s+", " ", text)
    assert "pod: cart-1" in text  # commands are paste-ready
    assert "OOMKilled" in text
    assert "attempt 2" in text
    assert "took 20s" in text
    assert "Raise the limit (owner service, due 5d)" in text
    assert 'type="checkbox"' in html


async def test_what_became_of_a_step_stands_below_it(client, show):
    run = an_execution()
    undone = StepRun(
        step="undo_deploy.rollback",
        phase="mitigation",
        status="failed",
        reason="refused",
        detail="it is locked",
    )
    show(an_incident("one", executions=[run.model_copy(update={"steps": [*run.steps, undone]})]))
    html = await (await client.get(f"/incidents/{an_id('one')}")).text()
    below = html[html.index("<strong>undo_deploy</strong>") : html.index("<strong>quiet</strong>")]
    assert '<span class="badge step-failed">failed</span> <strong>undo_deploy.rollback</strong>' in below
    assert "it is locked" in below


async def test_the_page_shown_is_the_one_the_execution_is_pinned_to(client, show, runtime):
    pinned = a_library(a_runbook(body=template("As it was then.")), hash_="then")
    runtime.libraries.known = [a_library(a_runbook(body=template("As it is now."))), pinned]
    show(an_incident("one", executions=[an_execution(library="then")]))
    text = (await get(client, f"/incidents/{an_id('one')}")).text
    assert "As it was then." in text
    assert "As it is now." not in text


async def test_a_page_that_is_not_here_does_not_take_the_incident_down(client, show):
    show(an_incident("one", executions=[an_execution(library="gone")]))
    assert "The text of this runbook is not here" in (await get(client, f"/incidents/{an_id('one')}")).text


async def test_a_checklist_is_shown_as_it_is_in_force(client, show):
    show(an_incident("one"))
    text = (await get(client, f"/incidents/{an_id('one')}")).text
    assert "Follow the checklist below." in text
    assert "No execution is pinned to this page" in text
    assert "not started" in text


async def test_no_runbook_is_said(client, show):
    show(an_incident("one", runbook_id="", runbook_reason="no_runbook"))
    text = (await get(client, f"/incidents/{an_id('one')}")).text
    assert "No runbook fits this alert." in text
    assert "There is no runbook: look at the alerts." in text


@pytest.mark.parametrize("path", ["/nothing", "/incidents/deadbeef"])
async def test_what_is_not_there_is_a_page(client, path):
    answer = await client.get(path)
    assert (answer.status, answer.content_type) == (404, "text/html")
    assert "Not Found" in Page(await answer.text()).text


async def test_nothing_from_outside_becomes_markup(client, show):
    labels = {"alertname": EVIL, "namespace": EVIL, "pod": EVIL, EVIL: EVIL}
    alert = an_alert(name=EVIL, labels=labels, annotations={"summary": EVIL, "description": EVIL})
    run = an_execution(trigger=alert)
    steps = [
        step.model_copy(update={"output": {EVIL: EVIL}, "detail": EVIL, "reason": EVIL}) for step in run.steps
    ]
    facts = {
        "title": EVIL,
        "service": EVIL,
        "team": EVIL,
        "responders": [EVIL],
        "reports": [EVIL],
        "refs": {EVIL: EVIL},
    }
    page = a_page(target=EVIL, reason=EVIL, acknowledged_by=ALICE)
    evil = an_incident(
        "evil",
        **facts,
        reason=EVIL,
        alerts=[alert],
        executions=[run.model_copy(update={"steps": steps, "reason": EVIL})],
        escalations=[page],
    )
    show(evil)
    for path in ("/", f"/incidents/{evil.id}"):
        found = await get(client, path)
        assert not {"script", "img", "iframe", "style"} & set(found.tags)
        assert not [name for name in found.attributes if name.startswith("on")]
        assert not [link for link in found.links if not link.startswith(("/", "http"))]
        assert "<script>alert(1)</script>" in found.text  # as words


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:alert(1)", "vbscript:x", "//evil", "file:///etc"],
)
async def test_links_of_alerts_lead_to_web_pages_only(client, show, url):
    show(an_incident("one", alerts=[an_alert(generator_url=url, annotations={"dashboard_url": url})]))
    assert url not in (await get(client, f"/incidents/{an_id('one')}")).links


CONTEXT = {
    "trigger": {
        "labels": {"pod": "cart-1", "evil": EVIL, "md": "# big\n- [x](http://evil)", "url": "javascript:x"}
    }
}


def prose(*parts):
    return render_page(template(*parts), CONTEXT, lambda step: f'<div class="step-head">{step}</div>')


RENDERED = {
    "a value is filled in": (("in `", ("trigger.labels.pod",), "`"), "<p>in <code>cart-1</code></p>\n"),
    "a missing one shows what was meant": (
        ("in ", ("trigger.labels.zone",)),
        "<p>in ${{ trigger.labels.zone }}</p>\n",
    ),
    "a value makes no Markdown": (
        (("trigger.labels.md",),),
        "<p># big\n- [x](http://evil)</p>\n",
    ),
    "HTML of the page is words": (("<b onclick=x>hi</b>",), "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>\n"),
    "a link made of a value goes nowhere bad": (
        ("[go](", ("trigger.labels.url",), ")"),
        '<p><a rel="noreferrer">go</a></p>\n',
    ),
    "a link with a value in it works": (
        ("[go](https://grafana.example.org/d?pod=", ("trigger.labels.pod",), ")"),
        '<p><a href="https://grafana.example.org/d?pod=cart-1" rel="noreferrer">go</a></p>\n',
    ),
    "images are not loaded": (("![x](https://evil.example.org/p.png)",), "evil.example.org/p.png"),
    "a plain fence is code": (("```sh\nls <x>\n```",), "<pre><code>ls &lt;x&gt;\n</code></pre>\n"),
    "a step has its state": (
        ("```yaml step=one\naction: a\n```",),
        '<div class="step"><div class="step-head">one</div><pre><code>action: a\n</code></pre>\n</div>\n',
    ),
}


@pytest.mark.parametrize(("parts", "expected"), RENDERED.values(), ids=RENDERED)
def test_prose(parts, expected):
    html = prose(*parts)
    assert expected in html
    assert "<img" not in html


def test_a_page_that_holds_our_own_placeholder_is_not_fooled():
    html = prose("xpr0q and ", ("trigger.labels.pod",))
    assert html == "<p>xpr0q and cart-1</p>\n"


async def test_an_incident_that_is_over_is_not_refreshed(client, show):
    show(resolved("done", timeline=[], opened=NOW))
    answer = await client.get(f"/incidents/{an_id('done')}")
    assert "http-equiv" not in await answer.text()


async def test_what_the_desks_opened_is_a_link_where_it_leads_to_a_page(client, show):
    ticket, chat = "https://tickets.example/SHOP-7", "javascript:alert(1)"
    refs = {"ticket": "SHOP-7", "chat": "shop-1", "document": "incidents/1.md"}
    show(an_incident("one", refs=refs, urls={"ticket": ticket, "chat": chat, "document": ""}))
    page = await get(client, f"/incidents/{an_id('one')}")
    assert ticket in page.links
    assert chat not in page.links
    assert "" not in page.links
    assert all(key in page.text for key in refs.values())
