"""What is published of services that move to another domain, and what a reader of the topic makes of it."""

from __future__ import annotations

import json

from app.library.hashes import library_hash
from app.library.topic import CURRENT, Shelf, as_published, records_of
from app.model.library import Library
from app.model.moving import Move


def files(**systems: str) -> dict[str, str]:
    services = "\n".join(f"  {id_}: {{system: {system}}}" for id_, system in systems.items())
    return {"catalog.yaml": f"services:\n{services}\n" if systems else ""}


def shelf_of(*published: tuple[dict[str, str], Library]) -> Shelf:
    shelf = Shelf()
    for written, library in published:
        for key, value in [*records_of(written, library.moved), (CURRENT, library.hash)]:
            shelf.add(key.encode(), value.encode())
    return shelf


def test_a_library_in_which_nothing_moved_is_known_by_its_files_alone() -> None:
    first = as_published(files(cart="shop"), None)
    again = as_published(files(cart="shop", pay="shop"), first)
    assert (first.hash, again.hash) == (
        library_hash(files(cart="shop")),
        library_hash(files(cart="shop", pay="shop")),
    )
    assert again.moved == {}


def test_a_move_is_carried_on_and_counted() -> None:
    first = as_published(files(cart="shop", pay="shop"), None)
    second = as_published(files(cart="store", pay="shop"), first)
    third = as_published(files(cart="store", pay="till"), second)
    back = as_published(files(cart="shop", pay="till"), third)
    assert second.moved == {"cart": Move(1, "store", ("shop",))}
    assert third.moved == {"cart": Move(1, "store", ("shop",)), "pay": Move(1, "till", ("shop",))}
    assert back.moved["cart"] == Move(2, "shop", ("shop", "store"))
    assert back.hash != library_hash(files(cart="shop", pay="till"))
    assert as_published(files(cart="shop", pay="till"), back) == back


def test_a_service_without_a_system_is_a_domain_of_its_own() -> None:
    first = as_published({"c.yaml": "services: {cart: {}}"}, None)
    assert as_published(files(cart="shop"), first).moved == {"cart": Move(1, "shop", ("cart",))}


def test_a_service_that_comes_back_is_counted_on() -> None:
    first = as_published(files(cart="shop"), None)
    second = as_published(files(cart="store"), first)
    gone = as_published(files(pay="till"), second)
    assert gone.moved == second.moved
    assert as_published(files(cart="mall"), gone).moved["cart"] == Move(2, "mall", ("shop", "store"))
    assert as_published(files(cart="store"), gone).moved == second.moved


def test_whoever_reads_the_topic_knows_the_moves() -> None:
    first = as_published(files(cart="shop"), None)
    second = as_published(files(cart="store"), first)
    shelf = shelf_of((files(cart="shop"), first), (files(cart="store"), second))
    assert shelf.current_hash == second.hash
    assert shelf.get(second.hash) == second
    assert shelf.files(second.hash) == files(cart="store")


def test_an_older_release_finds_the_files_under_the_hash_that_it_knows() -> None:
    first = as_published(files(cart="shop"), None)
    second = as_published(files(cart="store"), first)
    records = dict(records_of(files(cart="store"), second.moved))
    manifest = json.loads(records[second.hash])
    assert all(isinstance(each, str) for part in manifest.values() for each in part.values())
    assert shelf_of((files(cart="store"), second)).has(library_hash(files(cart="store")))
