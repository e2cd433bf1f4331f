"""Which services share a system, from the graph: a table of graphs, and laws of any."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.library.grouping import LARGEST, MANY, propose
from app.model.catalog import Service


def catalog(*services):
    """Give services written as `id>dependency,dependency @team =system`, all but the id optional."""
    found = {}
    for text in services:
        words = text.split()
        id_, _, needed = words[0].partition(">")
        rest = {word[0]: word[1:] for word in words[1:]}
        depends = tuple(filter(None, needed.split(",")))
        found[id_] = Service(id_, team=rest.get("@", ""), system=rest.get("=", ""), depends_on=depends)
    return found


def groups(systems):
    found = {}
    for id_, system in systems.items():
        found.setdefault(system, []).append(id_)
    return {system: sorted(ids) for system, ids in found.items()}


CHAIN = [f"c{n:03}>c{n + 1:03}" for n in range(3 * LARGEST)]


@pytest.mark.parametrize(
    ("services", "kept", "expected"),
    [
        ((), {}, {}),
        (("a", "b"), {}, {"a": ["a"], "b": ["b"]}),
        (("shop>cart", "cart>db", "db", "mail"), {}, {"shop": ["cart", "db", "shop"], "mail": ["mail"]}),
        (("a>b", "b>a"), {}, {"a": ["a", "b"]}),
        (("a>a,nowhere",), {}, {"a": ["a"]}),
        (("a>db", "b>db", "db"), {}, {"a": ["a", "b", "db"]}),
        # What the operators say stands, and draws in what belongs to it; two that are said stay two.
        (("cart>db =shop", "db", "search =shop"), {}, {"shop": ["db"]}),
        (("cart>db =shop", "db>disk =data", "disk"), {}, {"data": ["disk"]}),
        (("a =x", "b =y"), {}, {}),
        # A system that is called like a service is that service's.
        (("cart", "db =cart"), {}, {"cart": ["cart"]}),
        # What is in force stays: with a new tie, without its old one; and a new service joins it.
        (("cart>db", "db"), {"cart": "cart", "db": "db"}, {"cart": ["cart"], "db": ["db"]}),
        (("cart", "db"), {"cart": "shop", "db": "shop"}, {"shop": ["cart", "db"]}),
        (("cart>db,new", "db", "new"), {"cart": "shop", "db": "shop"}, {"shop": ["cart", "db", "new"]}),
        (("cart>db =other", "db"), {"cart": "shop", "db": "shop"}, {"shop": ["db"]}),
        # The closer tie first: what only one needs, and what is of its team.
        (("one>x =1", "two>x,y,z =2", "x", "y", "z"), {}, {"1": ["x"], "2": ["y", "z"]}),
        (("one>x @a =1", "two>x @b =2", "x @b"), {}, {"2": ["x"]}),
    ],
)
def test_graphs(services, kept, expected):
    assert groups(propose(catalog(*services), kept)) == expected


def test_what_many_need_ties_none_of_them_but_goes_with_what_it_needs_itself():
    few = propose(catalog(*(f"a{n}>kafka" for n in range(MANY - 1)), "kafka>zookeeper", "zookeeper"), {})
    assert set(few.values()) == {"a0"}
    many = propose(catalog(*(f"a{n}>kafka" for n in range(MANY)), "kafka>zookeeper", "zookeeper"), {})
    assert groups(many) == {**{f"a{n}": [f"a{n}"] for n in range(MANY)}, "kafka": ["kafka", "zookeeper"]}


def test_what_needs_many_ties_none_of_them():
    names = [f"b{n}" for n in range(MANY)]
    assert propose(catalog(f"gateway>{','.join(names)}", *names), {}) == {
        each: each for each in ["gateway", *names]
    }


def test_a_long_chain_becomes_several_systems():
    sizes = Counter(propose(catalog(*CHAIN), {}).values())
    assert max(sizes.values()) <= LARGEST
    assert len(sizes) < len(CHAIN) / 4


def test_grouped_anew_the_name_that_most_bore_stays():
    now = catalog("shop>cart", "cart>db", "db", "mail>post", "post")
    assert groups(propose(now, {}, {"shop": "old", "cart": "old", "db": "db", "mail": "db"})) == {
        "old": ["cart", "db", "shop"],
        "mail": ["mail", "post"],  # `db` is the name of a service that is not of it
    }


def test_grouped_anew_of_what_was_alone_the_system_is_called_by_what_stands_on_the_rest():
    alone = {"web": "web", "store": "store"}
    assert groups(propose(catalog("web>store", "store"), {}, alone)) == {"web": ["store", "web"]}


IDS = [f"s{n:02}" for n in range(14)]


@st.composite
def catalogs(draw):
    ids = draw(st.lists(st.sampled_from(IDS), unique=True))
    systems = st.sampled_from(["", "", "", "", "x", "y", "s03"])
    return {
        id_: Service(
            id_,
            team=draw(st.sampled_from(["", "red", "blue"])),
            system=draw(systems),
            depends_on=tuple(draw(st.lists(st.sampled_from(IDS), max_size=5))),
        )
        for id_ in ids
    }


KEPT = st.dictionaries(st.sampled_from(IDS), st.sampled_from(["x", "z", "s03", "s05"]), max_size=6)


@settings(deadline=None)
@given(catalogs(), KEPT, st.randoms(use_true_random=False))
def test_the_order_changes_nothing(services, kept, random):
    shuffled = list(services.values())
    random.shuffle(shuffled)
    other = {}
    for each in shuffled:
        needed = list(each.depends_on)
        random.shuffle(needed)
        other[each.id] = replace(each, depends_on=tuple(needed))
    assert propose(services, kept) == propose(other, dict(sorted(kept.items(), reverse=True)))


@settings(deadline=None)
@given(catalogs(), KEPT)
def test_what_is_said_and_what_is_kept_stands(services, kept):
    found = propose(services, kept)
    assert set(found) == {each.id for each in services.values() if not each.system}
    assert all(found[id_] == system for id_, system in kept.items() if id_ in found)


@settings(deadline=None)
@given(catalogs(), KEPT)
def test_no_system_grows_beyond_the_limit(services, kept):
    said = Counter(each.system or kept.get(each.id, "") for each in services.values())
    grown = Counter(
        {**propose(services, kept), **{e.id: e.system for e in services.values() if e.system}}.values()
    )
    assert all(size <= max(LARGEST, said[system] + 1) for system, size in grown.items())


@settings(deadline=None)
@given(catalogs(), catalogs(), st.booleans())
def test_a_service_that_was_placed_is_never_moved_by_what_others_do(first, second, regroup):
    before = propose(first, {})
    now = propose(second, {}, before) if regroup else propose(second, before)
    assert propose(second, now) == now, "nothing new, nothing moves"
    if not regroup:
        assert all(now[id_] == system for id_, system in before.items() if id_ in now)
        assert not any(
            now[a] == now[b] and before[a] != before[b]
            for a in before
            for b in before
            if a in now and b in now
        )


@settings(deadline=None)
@given(catalogs(), catalogs())
def test_different_groups_never_bear_one_name(first, second):
    found = propose(second, {}, propose(first, {}))
    for system in set(found.values()) & second.keys():
        assert second[system].system or found[system] == system, "nothing is called like a service of another"
