"""`oncall pause` under load: when it was asked for, and the last command that changes something after that."""

from __future__ import annotations

import json
import time
from datetime import timedelta

from app.model.inputs import Response
from app.model.topics import RESPONSES, STEP_COMMANDS
from app.wire.decode import decode
from tests.support.command import oncall

LASTS_S = 8.0
"""How long the load goes on before, in and after the pause."""
AROUND = timedelta(seconds=20)
"""How long before and after it commands must have gone out, else nothing was proved."""
AT_MOST_MS = 2000
"""How much later than the pause the last command may be that changes something."""
LATEST = "last acting command after the pause, ms"


def pause_for_a_while(fleet, settings):
    """Pause by the command line, go on looking after the fleet, and resume."""
    _go_on(fleet)
    _oncall(settings, "pause", "--reason", "chaos")
    _go_on(fleet)
    _oncall(settings, "resume")
    _go_on(fleet)


def _go_on(fleet):
    until = time.monotonic() + LASTS_S
    fleet.wait(lambda: time.monotonic() > until, within=LASTS_S + 60)


def judge_pause(topics):
    """Give figures of the pause: what went out just before, how late the last command was, and what went out after."""
    asked = {
        decode(each.value, Response).response: each.timestamp
        for each in topics.committed(RESPONSES)
        if each.key == b"control"
    }
    acting = sorted(each.timestamp for each in topics.committed(STEP_COMMANDS) if _acts(each))
    begin, end = asked["pause"], asked["resume"]
    late = [at - begin for at in acting if begin < at < end]
    return {
        "acting commands before the pause": sum(begin - AROUND < at <= begin for at in acting),
        "acting commands in the pause": len(late),
        LATEST: int(max(late, default=timedelta()) / timedelta(milliseconds=1)),
        "acting commands after the pause": sum(end <= at < end + AROUND for at in acting),
    }


def _acts(message):
    command = json.loads(message.value)
    return command["op"] == "run" and command["effect"] != "read" and not command["dry_run"]


def _oncall(settings, *arguments):
    told = oncall(
        settings.bootstrap_servers, settings.topic_prefix, *arguments, "--as", "chaos", "--within", "60"
    )
    assert not told.returncode, told.stderr
