"""What services and teams say of chat (`chat:`) and tickets (`ticket:`)."""

from __future__ import annotations

from app.library.expressions import Cel, CelError, compile_template
from app.library.fields import Fields
from app.library.located import Located
from app.library.problems import Findings, suggest
from app.model.desk import Apart, TicketSettings, WhenClosed
from app.model.expressions import Template
from app.model.words import Severity

OURS = ("resolved", "reopened", "closed")
"""The states that we move a ticket to."""
KNOWN = ("incident", "trigger")
"""What a ticket's field may read: it is opened before any step has run."""
MAX_FIELDS = 50
"""How many fields a ticket may be given."""


def read_chat(fields: Fields) -> tuple[str, Apart | None]:
    """Read `chat: "#channel"`, or `chat: {channel: "#channel", each: channel}`: the channel, and what each incident gets."""
    found = fields.located("chat")
    if found is None or not isinstance(found.value, dict):
        return fields.text("chat"), None
    inner = Fields(found, fields.findings, "chat")
    channel, apart = inner.text("channel"), inner.word("each", Apart)
    inner.finish()
    if not channel:
        fields.findings.error(found.place, "chat names no channel", 'write channel: "#NAME"')
    return channel, apart


def read_ticket(fields: Fields) -> TicketSettings | None:
    """Read `ticket:`; None where nothing is said."""
    found = fields.located("ticket")
    if found is None:
        return None
    inner = Fields(found, fields.findings, "ticket")
    if "tickets" in fields and "project" in inner:
        words = "the project is said twice, by tickets: and by ticket.project"
        fields.findings.error(inner.place_of("project"), words, "keep one of them")
    said = TicketSettings(
        project=inner.text("project"),
        severity=_severity(inner),
        fields=_templates(inner),
        states=_states(inner),
        closed=inner.texts("closed"),
        when_closed=inner.word("when_closed", WhenClosed),
    )
    inner.finish()
    return said


def _severity(inner: Fields) -> Severity | None:
    severity = inner.word("severity", Severity)
    if severity is Severity.NONE:
        words = "severity: none never opens an incident, so it says nothing of tickets"
        inner.findings.error(inner.place_of("severity"), words, "write critical, error, warning or info")
        return None
    return severity


def _templates(inner: Fields) -> dict[str, Template]:
    entries = inner.entries("fields")
    if len(entries) > MAX_FIELDS:
        inner.findings.error(inner.place_of("fields"), f"a ticket has more than {MAX_FIELDS} fields")
        return {}
    read = {name: _template(name, each, inner.findings) for name, each in entries.items()}
    return {name: template for name, template in read.items() if template is not None}


def _template(name: str, located: Located, findings: Findings) -> Template | None:
    if isinstance(located.value, list | dict) or located.value is None:
        findings.error(
            located.place, f"fields.{name} is no text", "write one line of text, with ${{ }} in it"
        )
        return None
    text = str(located.value).lower() if isinstance(located.value, bool) else str(located.value)
    try:
        template = compile_template(text)
    except CelError as error:
        findings.error(located.place, f"fields.{name}: {error}", "write it in CEL between ${{ and }}")
        return None
    names = {name for part in template.parts if isinstance(part, Cel) for name in part.reads.names}
    if unknown := sorted(names & {"steps", "inputs"}):
        words = f"fields.{name} reads {unknown[0]}, which a ticket knows nothing of"
        findings.error(located.place, words, f"read {' or '.join(KNOWN)}")
        return None
    return template


def _states(inner: Fields) -> dict[str, str]:
    given = {}
    for word, located in inner.entries("states").items():
        if word not in OURS:
            inner.findings.error(
                located.place, f"states.{word}: no ticket is moved there", suggest(word, OURS)
            )
        elif isinstance(located.value, list | dict) or located.value is None:
            inner.findings.error(located.place, f"states.{word} is no text", "write the state's name there")
        else:
            given[word] = str(located.value)
    return given
