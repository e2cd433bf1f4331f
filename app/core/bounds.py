"""How much a record holds. What is beyond is counted or cut, never an error; the whole stays on the log."""

from __future__ import annotations

import json
from typing import Any

from app.model.base import Values
from app.model.evidence import AlertView
from app.model.inputs import Alert

MEMBERS = 4096
"""Alerts of a domain's incidents together that are held exactly."""
OWN_MEMBERS = 32
"""Alerts that each incident may hold exactly, however many the others hold."""
OPEN_INCIDENTS = 32
"""Incidents that a domain has open at once; beyond, an alert joins the likeliest though little speaks for it."""
APART = 8
"""Incidents of which an incident says that a rule kept it from becoming one with them; of more it says nothing."""
AFFECTED = 64
"""Services that an incident remembers."""
ENTITIES = 128
"""Things (pods, nodes, volumes) that an incident remembers, those that fired last."""
ENTITY_CHARS = 120
"""What is kept of a thing's name."""
LAGS = 16
"""Alerts of which a domain remembers how late they came, and of each clock."""
CLOCKS = 32
"""Clocks of which a domain remembers how late their news came, those heard of last."""
CLOCK_CHARS = 120
"""What is kept of a clock's name."""
SUSPECTS = 5
"""Changes that are shown as suspects, ranked."""
SAMPLE_ALERTS = 50
"""Alerts that are shown with their labels."""
SAMPLE_BYTES = 64 * 1024
"""What the shown alerts may take together."""
ANNOTATION_CHARS = 1000
"""What is kept of an annotation."""
TIMELINE = 200
"""Lines of the timeline that are kept, the newest."""
JOINS_ON_TIMELINE = 20
"""Alerts whose joining is a line of the timeline; further ones are events only."""
CHANGES = 100
"""System events that a domain remembers."""
INCIDENT_CHANGES = 20
"""System events that an incident is shown with."""
REPORTS = 20
"""User reports that an incident is shown with."""
SEEN = 2048
"""Identities that a domain remembers, the newest."""
RESOLVED = 4
"""Resolved incidents that a domain keeps open for reopening; of more the oldest are closed early."""
HELD = 100
"""Muted alerts that a domain holds, to take effect when the quiet ends."""
HELD_BYTES = 32 * 1024
"""What they may take together."""
INHIBITORS = 200
"""Firing alerts that a domain knows to keep others quiet; a further one keeps nothing quiet."""
INHIBITOR_BYTES = 32 * 1024
"""What their labels may take together."""
SILENCES = 500
"""Silences that there may be, with those that ended within a day; a further one is refused."""
SILENCES_BYTES = 256 * 1024
"""What they may take together."""
MUTING = 500
"""Domains that mute by a silence and are told when it ends early; a further one learns it at the end that it knows of."""
MUTING_BYTES = 128 * 1024
"""What the names of those may take together, of all silences that last."""
FLAPS = 200
"""Alerts whose changes between firing and resolved a domain remembers; of more the one that is calm the longest is forgotten."""
FLAPPING = 50
"""Alerts that flap at once; of a further one each change counts."""
FLAPPING_BYTES = 32 * 1024
"""What they may take together."""
PLACES = 500
"""Services that moved of which a domain remembers where they are; of more the one that it learnt of first is forgotten."""
AWAY = 64
"""Incidents of which a domain remembers that they are elsewhere; of more the oldest is forgotten."""
AWAY_BYTES = 128 * 1024
"""What is remembered of them may take together, but the newest is kept whatever it takes."""
ARRIVING_BYTES = 4 * 1024 * 1024
"""What letters may take together of which not all parts have come; of more the oldest is forgotten."""
WAITING = 500
"""Signals of a domain that wait for word of the domains that their service was in; with one more, those of one service wait no longer."""
WAITING_BYTES = 192 * 1024
"""What they may take together."""
SHELF = 8
"""Closed incidents of a domain that facts may still be added to."""
SHELF_BYTES = 128 * 1024
"""What they may take together; one that is larger alone takes no facts once it is closed."""
MERGED = 8
"""Merged incidents that a domain still knows; of more those that were merged first leave the record."""
DIGEST = 20
"""Lines that wait to be said together; of more the oldest are counted only."""
TASKS = 50
"""Follow-ups that a domain reminds of; of more the oldest is left to its ticket."""
OWN_TASKS = 20
"""Follow-ups that an incident gets tickets for."""
EXECUTIONS = 5
"""Executions that an incident is shown with."""
ESCALATIONS = 20
"""Pages that an incident is shown with; those that still ring are never dropped."""
TRIALS = 100
"""People whose newest test page is remembered."""
TURNS = 200
"""Levels in round robin whose turns a domain remembers, those that were paged last."""
AWAITED = 50
"""System events that a domain holds until it is clear whether they page; of more the oldest page at once."""
RESPONDERS = 20
"""People that an incident is shown with."""
OUTPUT_BYTES = 16 * 1024
"""What is kept of one step's output, as JSON."""
OUTPUTS_BYTES = 16 * OUTPUT_BYTES
"""What is kept of all outputs of an execution together: a page of very many steps keeps less of each."""
PERMITS = 2000
"""Permits that `control` holds, granted or waiting; of more the newest are denied."""
FAILURES = 20
"""Failures of a page that are remembered."""
RUNS = 20
"""Executions of an incident that are under way at once, with those that others use; a step that would start one more fails."""
ITEMS = 100
"""Items that a `foreach` may have."""
DEPTH = 5
"""How deep runbooks may use one another."""
TITLE_CHARS = 200
"""What is kept of an incident's title."""
TEXT_CHARS = 2000
"""What is kept of the words of a person or an executor."""
LINE_CHARS = 500
"""What a line of the timeline keeps of them."""


def is_too_much(value: Any) -> bool:
    """Whether a value that a page works out is more than is kept of one step, as JSON."""
    return len(json.dumps(value)) > OUTPUT_BYTES


def cut(text: str, limit: int) -> str:
    """Give the text, cut with an ellipsis where it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def one_line(text: str) -> str:
    """Give the text on one line, so that words of others begin no line of ours."""
    return " ".join(text.split())


def bounded_view(view: AlertView) -> AlertView:
    """Give the alert with its annotations cut to what a record holds."""
    if all(len(text) <= ANNOTATION_CHARS for text in view.annotations.values()):
        return view
    return view.model_copy(update={"annotations": _short(view.annotations)})


def bounded_annotations(alert: Alert) -> Alert:
    """Give the alert with its annotations cut to what a record holds."""
    if all(len(text) <= ANNOTATION_CHARS for text in alert.annotations.values()):
        return alert
    return alert.model_copy(update={"annotations": _short(alert.annotations)})


def _short(annotations: dict[str, str]) -> dict[str, str]:
    return {name: cut(text, ANNOTATION_CHARS) for name, text in annotations.items()}


def bounded_output(output: Values, steps: int = 1) -> Values:
    """Give the output of one of so many steps, with its longest texts cut until the whole fits."""
    most = limit = min(OUTPUT_BYTES, OUTPUTS_BYTES // steps)
    kept = output
    while len(json.dumps(kept)) > most and limit > 1:
        limit //= 2
        kept = {name: _cut_value(value, limit) for name, value in output.items()}
    return kept if len(json.dumps(kept)) <= most else {"truncated": True}


def _cut_value(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        return cut(value, max(2, limit // 4))
    if isinstance(value, list):
        return [_cut_value(item, limit) for item in value[: max(1, limit // 64)]]
    if isinstance(value, dict):
        return {name: _cut_value(item, limit) for name, item in list(value.items())[: max(1, limit // 64)]}
    return value
