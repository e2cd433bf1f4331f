"""A worker, whole, that writes at least once. `python -m tests.cost.worker` runs one; its settings are a worker's."""

from __future__ import annotations

import sys

from faust.types import TP

from app.model.topics import SIGNALS
from app.settings import read_settings
from app.stream import worker
from app.stream.topics import full_name
from tests.cost.at_least_once import AtLeastOnce


def at_least_once(app, runtime):
    """Give the app's partitions the other way of writing."""
    settings = app.settings

    def new_transaction(number):
        place = TP(full_name(settings, SIGNALS), number)
        return AtLeastOnce(
            settings, runtime.places, number, lambda offset: app.consumer._commit({place: offset})
        )

    app.ownership.new_transaction = new_transaction


if __name__ == "__main__":
    sys.exit(worker.run(read_settings(), at_least_once))
