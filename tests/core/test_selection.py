"""Which runbook an alert gets, and why."""

from __future__ import annotations

import pytest

from app.core.selection import select
from app.model.evidence import AlertView
from app.model.library import Library
from app.model.matchers import Match, parse_matcher
from app.model.runbook import Runbook
from app.model.words import AlertStatus, Severity


def page(id_: str, *lines: str, path: str = "", priority: int = 0) -> Runbook:
    match = Match((tuple(parse_matcher(line) for line in lines),)) if lines else Match()
    return Runbook(id=id_, title=id_, path=path or f"{id_}.md", hash=id_, match=match, priority=priority)


def alert(url: str = "", severity: Severity = Severity.WARNING, **labels: str) -> AlertView:
    annotations = {"runbook_url": url} if url else {}
    return AlertView(
        fingerprint="f",
        name=labels.get("alertname", ""),
        status=AlertStatus.FIRING,
        severity=severity,
        labels=labels,
        annotations=annotations,
    )


@pytest.mark.parametrize(
    ("pages", "given", "expected", "reason"),
    [
        ([page("a", 'alertname="X"')], alert(alertname="X"), "a", "match"),
        ([page("a", 'alertname="X"')], alert(alertname="Y"), None, "no_runbook"),
        (
            [page("a", 'alertname="X"'), page("b", 'alertname="X"', 'pod=~".+"')],
            alert(alertname="X", pod="p"),
            "b",
            "match",
        ),
        (
            [page("a", 'alertname=~"X"', 'pod=~"p"'), page("b", 'alertname="X"')],
            alert(alertname="X", pod="p"),
            "b",
            "match",
        ),
        (
            [page("a", 'alertname="X"'), page("b", 'alertname="X"', priority=1)],
            alert(alertname="X"),
            "b",
            "match",
        ),
        ([page("a", 'alertname="X"'), page("b", 'alertname="X"')], alert(alertname="X"), None, "ambiguous"),
        ([page("a", 'severity="critical"')], alert(alertname="X", severity=Severity.CRITICAL), "a", "match"),
        (
            [page("diskfull")],
            alert("https://wiki/pages/DiskFull.md", alertname="X"),
            "diskfull",
            "runbook_url",
        ),
        (
            [page("diskfull")],
            alert("https://wiki/pages/DiskFull/?a=b#c", alertname="X"),
            "diskfull",
            "runbook_url",
        ),
        (
            [page("x", path="node/KubeNodeNotReady.md")],
            alert(alertname="kubenodenotready"),
            "x",
            "alert_name",
        ),
        ([page("x")], alert("https://wiki/other", alertname="X"), "x", "alert_name"),
        ([page("a", 'alertname="X"'), page("x")], alert("https://wiki/x", alertname="X"), "a", "match"),
        ([page("one", path="a/X.md"), page("two", path="b/x.md")], alert(alertname="X"), None, "ambiguous"),
        ([page("a", 'pod=""')], alert(alertname="X"), "a", "match"),
        ([page("a")], alert(), None, "no_runbook"),
    ],
)
def test_selection(pages, given, expected, reason) -> None:
    found = select(given, Library(hash="l", runbooks={each.id: each for each in pages}))
    assert (found.runbook.id if found.runbook else None, found.reason) == (expected, reason)


@pytest.mark.parametrize("url", ["http://[", "https://[fe80::1/Slow.md", "//[x]y/Slow"])
def test_an_address_that_is_none_selects_nothing_and_the_name_still_does(url):
    assert select(alert(url, alertname="Slow"), Library(hash="h", runbooks={"slow": page("slow")})) == (
        select(alert(alertname="Slow"), Library(hash="h", runbooks={"slow": page("slow")}))
    )
