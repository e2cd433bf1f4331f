"""`oncall connectors`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.cli import out
from app.cli.errors import tell
from app.cli.options import Folder, Json, Prefix, Servers, examples, settings_of

if TYPE_CHECKING:
    from app.core.served import Announced

NAME = "connectors"
EPILOG = examples("oncall connectors", "oncall connectors --json | jq '.unserved_kinds[]'")


def command(
    *,
    runbooks: Folder = None,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """List the connectors that announce themselves, and say which commands and actions of the pages nobody serves.

    Connectors need not announce themselves: what is told here is what can be known.
    """
    from app.cli.runbook import read_library
    from app.connectors.announced import read_announced
    from app.core.served import actions_of, unserved

    settings = settings_of(runbooks=runbooks, bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    now = datetime.now(UTC)
    found = read_announced(settings)
    lacking = unserved(found, actions_of(read_library(settings).runbooks.values()), now)
    if as_json:
        out.document(
            {
                "connectors": [
                    {
                        **each.connector.model_dump(mode="json"),
                        "announced_at": each.at.isoformat().replace("+00:00", "Z"),
                        "is_alive": each.is_alive(now),
                    }
                    for each in found
                ],
                "nobody_announced": lacking.nobody,
                "unserved_kinds": list(lacking.kinds),
                "unknown_actions": list(lacking.actions),
            }
        )
        return
    if found:
        columns = ("KIND", "CONNECTOR", "VERSION", "INSTANCE", "SERVES", "LAST HEARD")
        out.table(columns, (_row(each, now) for each in found))
    if str(lacking):
        tell(f"{lacking}: see docs/connectors.md, Announcing yourself")


def _row(each: Announced, now: datetime) -> tuple[str, ...]:
    it = each.connector
    ago = f"{max(0.0, (now - each.at).total_seconds()):.0f} s ago"
    return (
        it.kind,
        it.name or "-",
        it.version or "-",
        it.instance,
        ", ".join(it.actions or it.channels) or "-",
        ago if each.is_alive(now) else f"{ago}, silent",
    )
