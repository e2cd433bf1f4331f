"""The fields of a ticket, filled in from the templates of the catalog."""

from __future__ import annotations

from app.core.bounds import TEXT_CHARS, cut
from app.core.context import context_of
from app.core.render import as_text, render
from app.model.desk import TicketSettings
from app.model.expressions import ExpressionError
from app.model.incident import Incident


def filled_in(incident: Incident, settings: TicketSettings) -> tuple[dict[str, str], list[str]]:
    """Give the fields of an incident's ticket, and why of each that cannot be filled in.

    A ticket without a field is better than none, so such a field is left out.
    """
    fields = {
        "severity": incident.severity.value,
        "service": incident.service,
        "environment": incident.environment,
    }
    missing = []
    names = context_of(incident, None)
    for name, template in settings.fields.items():
        try:
            fields[name] = cut(as_text(render(template, names)), TEXT_CHARS)
        except ExpressionError as error:
            missing.append(f"{name}: {error}")
    return fields, missing
