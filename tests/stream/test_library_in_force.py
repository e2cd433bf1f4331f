"""Whether a worker's folder is the library in force, where publishing added the domains of its services."""

from __future__ import annotations

import pytest

from app.library.published import with_domains
from app.library.topic import records_of
from app.settings import Settings
from app.stream.library import LibraryTopic

CATALOG = {"c.yaml": "services: {web: {depends_on: [store]}, store: {}}"}
ALONE = {"c.yaml": "services: {web: {}, store: {}}"}


@pytest.mark.parametrize(
    ("folder", "in_force", "differs"),
    [
        (CATALOG, with_domains(CATALOG, {}), False),
        (CATALOG, CATALOG, False),  # published by a release that proposed nothing
        (ALONE, with_domains(CATALOG, {}), True),
        ({**CATALOG, "p.md": "# P"}, with_domains(CATALOG, {}), True),
    ],
)
def test_a_folder_differs_only_in_what_publishing_would_change(folder, in_force, differs, caplog):
    topic = LibraryTopic(Settings())
    *records, (hash_, manifest) = records_of(in_force)
    for key, value in (*records, (hash_, manifest), ("current", hash_)):
        topic.shelf.add(key.encode(), value.encode())
    topic._named_at = 0
    topic._note_in_force()
    topic._compare(folder)
    assert ("is in force and is used" in caplog.text) is differs
