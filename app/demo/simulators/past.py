"""The weeks before the hour, which a demo has not lived through: how people judged the pages' runs in shadow.

The domains of those weeks' incidents would have told `control` of each run; this tells it the same, in the same notices.
"""

from __future__ import annotations

from app.demo.kafka import Client
from app.demo.simulators.estate import Estate
from app.model.notices import CONTROL
from app.model.topics import NOTICES
from app.model.words import NoticeKind


async def tell(client: Client, estate: Estate) -> None:
    """Tell of a run that was wrong, which ends what was earned until then, and of the good runs after it."""
    for runbook, good in estate.scenario.past.items():
        for number in range(good + 1):
            await client.send(
                NOTICES,
                {
                    "id": f"past-{runbook}-{number}-round-{estate.round}",
                    "kind": NoticeKind.RUN_JUDGED.value,
                    "domain": CONTROL,
                    "sender": "production/past",
                    "runbook_id": runbook,
                    "mode": "shadow",
                    "right": number > 0,
                },
                key=CONTROL,
            )
