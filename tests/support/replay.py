"""`oncall replay`, run as an operator runs it."""

from __future__ import annotations

import json

from tests.support.command import oncall


def replayed(bootstrap_servers, prefix, within=60):
    """What it says of a service's topics; the prefix is the app id as well."""
    done = oncall(bootstrap_servers, prefix, "replay", "--json", within=within)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)
