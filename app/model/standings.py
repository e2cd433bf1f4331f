"""How things stand that cross incidents: automation, a page's record, what is muted, the silences."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen, Instant
from app.model.silences import Silence
from app.model.words import Delivery, Severity


class MutedAlert(Frozen):
    """An alert that fires and is muted."""

    fingerprint: str
    """The hash of its label set."""
    name: str = ""
    """Its `alertname`."""
    service: str = ""
    """Its service of the catalog."""
    severity: Severity = Severity.WARNING
    """Its severity."""
    by: str
    """What mutes it: `silence:ID`, `maintenance:NAME` or `inhibit:NAME`."""
    source: str = ""
    """For an inhibition: the fingerprint of the alert that keeps it quiet."""
    since: Instant
    """Since when it is muted, by broker time."""
    until: Instant | None = None
    """When the quiet ends by itself; unset where no moment is known."""


class MutedAlerts(Frozen):
    """What is muted in a correlation domain."""

    domain: str
    """The correlation domain."""
    count: int = 0
    """How many alerts are held; each takes effect if it still fires when its quiet ends."""
    beyond: int = 0
    """How many were muted besides and not held, for there were too many."""
    by: dict[str, int] = Field(default_factory=dict)
    """How many of those that are held each kind of quiet mutes: `silence`, `maintenance`, `inhibit`."""
    alerts: list[MutedAlert] = Field(default_factory=list)
    """Those that are held, the first 20."""


class TriedWay(Frozen):
    """A way to reach a person that a test page tried."""

    object_id: str
    """The `object_id` of its command."""
    channel: str = ""
    """The contact channel; empty: the pager chooses."""
    contact_ref: str = ""
    """The reference to the person's address."""
    delivery: Delivery = Delivery.NONE
    """What its connector said of it last."""
    reason: str = ""
    """Why it failed, in the connector's words."""


class Standing(Frozen):
    """How things stand that cross incidents: automation (`automation`), a page's record (`page:ID`), what is muted (`muted:DOMAIN`), `silences`."""

    schema_version: int = 1
    """The version of this schema."""
    id: str
    """`automation`, `page:` and the runbook's id, `muted:` and the domain, `test_page:` and the person, or `silences`; the message's key."""
    version: int
    """Rises with each change; keep the highest."""
    at: Instant
    """When it changed, by broker time."""
    reason: str = ""
    """Why it changed, by name."""
    is_paused: bool = False
    """Of `automation`: whether nothing is permitted."""
    paused_at: Instant | None = None
    """Since when it is paused."""
    by: str = ""
    """Who paused or resumed; of a test page who asked for it, and once it was acknowledged who did."""
    text: str = ""
    """That person's words."""
    runbook_id: str = ""
    """The page."""
    good_runs: int = 0
    """Runs in a row that people agreed to: approved ones that succeeded, and shadow ones judged right."""
    runs_needed: int = 0
    """How many it takes before the page may act alone; 0: none."""
    recent_failures: int = 0
    """Failed runs within the breaker's window."""
    breaker_open: bool = False
    """Whether so many runs failed that the page goes to people."""
    breaker_open_until: Instant | None = None
    """Until when, unless more runs fail: nothing is written when that time comes."""
    failed_verification_at: Instant | None = None
    """When a verification failed last."""
    muted: MutedAlerts | None = None
    """Of `muted:DOMAIN`: what is muted there."""
    silences: list[Silence] = Field(default_factory=list)
    """Of `silences`: all there are, until a day after their end."""
    tried: list[TriedWay] = Field(default_factory=list)
    """Of `test_page:PERSON`: the ways that the newest test page tried, and what became of each."""
