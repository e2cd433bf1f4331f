"""The `oncall` command, run as an operator runs it: as a process of its own, with nothing of this machine's settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def oncall(bootstrap_servers, prefix, *arguments, within=90, **settings):
    """Run it against a service's topics; the prefix is the app id as well. Gives what it said, as text.

    Further settings are its environment: `embedded=True` is `ONCALL_EMBEDDED=True`.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ONCALL_")},
        "ONCALL_BOOTSTRAP_SERVERS": bootstrap_servers,
        "ONCALL_TOPIC_PREFIX": prefix,
        "ONCALL_APP_ID": prefix,
        **{f"ONCALL_{name.upper()}": str(value) for name, value in settings.items()},
    }
    command = [Path(sys.executable).with_name("oncall"), *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=within, check=False
    )
