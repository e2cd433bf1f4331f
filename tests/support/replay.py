"""`oncall replay`, run as an operator runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def replayed(bootstrap_servers, prefix, within=60):
    """What it says of a service's topics; the prefix is the app id as well."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ONCALL_")},
        "ONCALL_BOOTSTRAP_SERVERS": bootstrap_servers,
        "ONCALL_TOPIC_PREFIX": prefix,
        "ONCALL_APP_ID": prefix,
    }
    command = [Path(sys.executable).with_name("oncall"), "replay", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=within, check=False)
    assert done.stdout, done.stderr.decode()
    return json.loads(done.stdout)
