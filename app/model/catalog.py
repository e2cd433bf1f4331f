"""The estate as operators describe it: teams, services, people, actions and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from app.model.desk import Apart, TicketSettings
from app.model.matchers import Match
from app.model.schedule import Window
from app.model.words import Effect, Mode, Severity, Urgency

NINE_TO_FIVE = tuple(Window(timedelta(days=day, hours=9), timedelta(hours=8)) for day in range(5))
"""From Monday to Friday."""


@dataclass(frozen=True)
class Team:
    """A team that owns services and runbooks."""

    id: str
    title: str = ""
    escalation: str = ""
    """Its escalation policy."""
    chat: str = ""
    """Its chat channel."""
    tickets: str = ""
    """Its ticket project."""
    mode: Mode | None = None
    members: tuple[str, ...] = ()
    """The people of the team, who may approve for it."""
    zone: tzinfo | None = None
    """Where it works, of the database that is installed with us, and so its people, unless they say otherwise; its reviews show these times too. None: UTC."""
    apart: Apart | None = None
    """What each incident gets in chat; None: a thread of the channel."""
    ticket: TicketSettings | None = None
    hours: tuple[Window, ...] = ()
    """Business hours; empty: those of whoever is asked next."""


@dataclass(frozen=True)
class Service:
    """A service of the estate."""

    id: str
    title: str = ""
    team: str = ""
    system: str = ""
    """What may fail together, as the service or `domains:` says; with the environment it makes the correlation domain.
    The service's own id where nothing is said."""
    match: Match = Match()
    """Alerts that concern it though they bear no label with its id."""
    depends_on: tuple[str, ...] = ()
    chat: str = ""
    tickets: str = ""
    apart: Apart | None = None
    """What each of its incidents gets in chat; None: as the team says."""
    ticket: TicketSettings | None = None
    escalation: str = ""
    """Its escalation policy; empty: its team's."""


CHANNELS = ("push", "sms", "call", "chat", "mail")
"""How people may be reached."""


@dataclass(frozen=True)
class Contact:
    """A way to reach a person."""

    channel: str = ""
    """One of `CHANNELS`; empty: the pager chooses."""
    ref: str = ""
    """A reference that the pager resolves; never an address or a number."""
    after: timedelta = timedelta()
    """How long after the page its turn comes."""
    urgency: Urgency | None = None
    """The urgency it is for; None: any."""


@dataclass(frozen=True)
class Person:
    """Somebody who can be paged."""

    id: str
    name: str = ""
    contact_ref: str = ""
    """A reference that the pager resolves; never an address or a number."""
    identities: tuple[str, ...] = ()
    """Who the person is elsewhere, as `provider:id`, such as `slack:U024BE7LH`."""
    zone: tzinfo | None = None
    """Where the person is."""
    hours: tuple[Window, ...] = ()
    """Business hours; empty: those of whoever is asked next."""
    contact: tuple[Contact, ...] = ()
    """The ways to reach the person; none: `contact_ref` alone."""
    quiet_hours: tuple[Window, ...] = ()
    """When pages of low urgency wait."""


TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
}
"""The types of parameters and inputs, and what values of each are in Python. A boolean is no number, though Python says so."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of an action."""

    name: str
    type: str = "string"
    """string | integer | number | boolean | list | map."""
    required: bool = True
    description: str = ""


@dataclass(frozen=True)
class Action:
    """What a step may ask for."""

    id: str
    effect: Effect
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    targets: str = ""
    """The parameter that lists what the command touches; empty: it touches one thing."""


@dataclass(frozen=True)
class Limit:
    """How many at once: for one service, for one team, overall. 0 means no limit."""

    service: int = 0
    team: int = 0
    overall: int = 0


@dataclass(frozen=True)
class Blast:
    """How many targets an action may touch with one command, and within an hour. 0 means no limit."""

    per_command: int = 0
    per_hour: int = 0


@dataclass(frozen=True)
class Freeze:
    """A time in which nothing is changed by automation."""

    start: datetime
    end: datetime
    reason: str = ""
    services: tuple[str, ...] = ()
    """The services it holds for; with no service and no team: all."""
    teams: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guards:
    """What holds automation back. All of it concerns steps that act; none concerns reads."""

    executions: Limit = Limit()
    """Executions that act, at once."""
    commands: Mapping[str, Limit] = field(default_factory=dict)
    """Action to how many of its commands at once."""
    blast: Mapping[str, Blast] = field(default_factory=dict)
    """Action to how far it may reach."""
    breaker_failures: int = 0
    """So many failed runs of a page within the window, and the page goes to people. 0: never."""
    breaker_window: timedelta = timedelta(hours=1)
    freezes: tuple[Freeze, ...] = ()
    quiet_after_deploy: timedelta = timedelta()
    """For so long after a deploy of the incident's service, steps that act wait."""
    quiet_except: tuple[str, ...] = ()
    """Actions that do not wait, such as the one that undoes the deploy."""
    runs_to_auto: int = 0
    """So many good runs in a row before a page may act alone. 0: a page need not earn it."""


@dataclass(frozen=True)
class Rules:
    """What holds overall."""

    mode: Mode = Mode.SHADOW
    environment: str = "production"
    """The environment of what names none."""
    environment_labels: tuple[str, ...] = ("environment", "env")
    service_labels: tuple[str, ...] = ("service", "app", "job")
    """Labels that may name a service of the catalog, the first that does wins."""
    severity_label: str = "severity"
    severities: dict[str, Severity] = field(default_factory=dict)
    """What other words for severities mean; one that is unknown is a warning."""
    group_by: tuple[str, ...] = ("namespace", "alertname")
    """The labels that make the domain of an alert that concerns no service of the catalog."""
    team: str = ""
    """The team that owns what nobody owns."""
    escalation: str = ""
    """The policy of what has none."""
    reopen_window: timedelta = timedelta(minutes=30)
    """For how long after its end an incident may be reopened."""
    settle_after: timedelta = timedelta()
    """For how long all alerts must have been over before the incident is. 0: it is at once."""
    silent_after: timedelta = timedelta()
    """After how long without any of its alerts being repeated an open incident counts as over. 0: never."""
    change_window: timedelta = timedelta(hours=1)
    """For how long a system event may be suspected."""
    page_error_after: timedelta = timedelta(minutes=3)
    """When an incident of severity error is paged while a runbook is at work."""
    chat_window: timedelta = timedelta(seconds=30)
    """What changes in chat beyond a few messages within so long is said in one. 0: all is said at once."""
    ticket_window: timedelta = timedelta(minutes=10)
    """The same of comments on a ticket."""
    remind_every: timedelta = timedelta(days=1)
    """How often the owner of a follow-up is reminded once it is due, until its ticket is closed. 0: never."""
    trusted: tuple[str, ...] = ()
    """What may vouch for an actor (`actor.verified_by`); without any, a step that asks for approval is a person's to do."""
    ack_stale_after: timedelta = timedelta()
    """After how long without a word of a person an acknowledged incident pages again. 0: never."""
    zone: tzinfo | None = None
    """Where people are of whom nothing else is said; None: nobody knows, and their business hours are not waited for."""
    hours: tuple[Window, ...] = NINE_TO_FIVE
    """Business hours of all who have none of their own."""
    low_urgency_waits: bool = True
    """Whether pages of low urgency wait for business hours."""
    receipt_within: timedelta = timedelta(seconds=30)
    """How soon a pager's connector must answer to a page before the next way or level is tried. 0: it need not."""
