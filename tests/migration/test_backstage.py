"""Backstage's catalog: what comes over lints clean, and of every other line it is said why it stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.library.compile import examine
from app.library.problems import LibraryError
from app.migration.backstage import read_backstage
from app.migration.into import said_in
from app.migration.pieces import manifest

SHOP = """# the shop
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: Cart
  title: "The cart: all of it"
  description: It holds things
  annotations: {a: b}
spec:
  type: service
  lifecycle: production
  owner: group:default/shop
  system: checkout
  dependsOn: [resource:default/orders-db, component:search]
  consumesApis: [pay-api]
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: orders-db}
spec: {owner: data, dependencyOf: ['component:default/search']}
--- # with a word
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: search}
spec: {owner: SHOP, system: checkout}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: pay, namespace: money}
spec: {owner: group:default/data, providesApis: [default/pay-api]}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: checkout}
spec: {owner: shop}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: shop}
spec: {type: team, profile: {displayName: Shop people}, members: [alice], children: []}
"""


def entity(kind, name, spec="{}", namespace="default"):
    head = f"apiVersion: backstage.io/v1alpha1\nkind: {kind}\n"
    return f"{head}metadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n"


def brought(*entities, there=None):
    """Give the library that entities come to; it lints clean."""
    there = there or {}
    found = read_backstage({"c.yaml": "---\n".join(entities)}, said_in(there))
    library, problems = examine({**there, "z.yaml": manifest(found.pieces, "c.yaml")})
    assert problems == []
    return library


def stays(*entities, there=None):
    found = read_backstage({"c.yaml": "---\n".join(entities)}, said_in(there or {}))
    return [f"{note.line}: {note.words}" for _, note in found.notes if not note.is_brought]


def test_services_teams_systems_and_dependencies_come_over():
    library = brought(SHOP)
    facts = {
        each.id: (each.title, each.team, each.system, each.depends_on) for each in library.services.values()
    }
    assert facts == {
        "Cart": ("The cart: all of it", "shop", "checkout", ("orders-db", "search", "pay")),
        "orders-db": ("", "data", "", ()),
        "search": ("", "shop", "checkout", ("orders-db",)),
        "pay": ("", "data", "", ()),
    }
    assert {each.id: each.title for each in library.teams.values()} == {"shop": "Shop people", "data": "data"}
    assert stays(SHOP) == [
        "2: component Cart: description, annotations, type, lifecycle: the catalog here has no such field",
        "32: system checkout: owner: the catalog here has no such field",
        "37: group shop: type, members, children: the catalog here has no such field",
    ]


@pytest.mark.parametrize(
    ("entities", "words"),
    [
        ([entity("Component", "a", "{owner: x, dependsOn: [component:b]}")],
         "4: component a: dependsOn component:b: no Component or Resource of this name is among the files"),
        ([entity("Component", "a", "{owner: x, dependsOn: [component:other/a]}")],
         "4: component a: dependsOn component:other/a: no Component or Resource of this name is among the files"),
        ([entity("Component", "a", "{owner: x, dependencyOf: [b]}")],
         "4: component a: dependencyOf b: no Component or Resource of this name is among the files"),
        ([entity("Component", "a", "{owner: x, dependsOn: [system:s]}")],
         "4: component a: dependsOn system:s: services depend on services, and this is a system"),
        ([entity("Component", "a", "{owner: x, dependsOn: [a]}")], "4: component a: dependsOn a: it is itself"),
        ([entity("Component", "a", "{owner: x, dependsOn: ['a b']}")],
         "4: component a: dependsOn 'a b': it is no entity reference: write [kind:][namespace/]name"),
        ([entity("Component", "a", "{owner: x, dependsOn: [{name: b}]}")],
         "4: component a: dependsOn {'name': 'b'}: it is no text"),
        ([entity("Component", "a", "{owner: x, consumesApis: [b]}")],
         "4: component a: consumesApis b: none of the files says who provides this API"),
        ([entity("Component", "a", "{owner: user:alice}")], "4: component a: owner user:alice: a service is owned by a team"),
        ([entity("Component", "a")], "1: component a: owner: it has none; rules.team owns what nobody owns"),
        ([entity("Component", "a", "{owner: x}"), entity("component", "A", "{owner: x}")],
         "6: component A: c.yaml:1 describes it already"),
        ([entity("User", "u")], "1: user u: a person needs a contact_ref that your pager resolves: say them under people:"),
        ([entity("Location", "l")], "1: location l: it points to other files: name those"),
        ([entity("Template", "t")], "1: template t: template is not known here"),
        ([entity("System", "s")], "1: system s: none of the services is of it"),
        ([entity("Group", "g")], "1: group g: it owns none of the services"),
        ([entity("Component", "'no name'")], "1: Component: its metadata.name 'no name' is no name of Backstage's"),
        ([entity("API", "b"), "apiVersion: apps/v1\nkind: Deployment\n"],
         "6: Deployment: its apiVersion 'apps/v1' is not Backstage's (backstage.io/…)"),
    ],
)  # fmt: skip
def test_what_stays_behind_is_named_with_its_line_and_why(entities, words):
    keep = entity("Component", "kept", "{owner: x}")
    assert words in stays(*entities, keep)
    brought(*entities, keep)


def test_a_circle_comes_over_as_it_is():
    library = brought(
        *(entity("Component", a, f"{{owner: x, dependsOn: [{b}]}}") for a, b in ("ab", "bc", "ca"))
    )
    assert {each.id: each.depends_on for each in library.services.values()} == {
        "a": ("b",),
        "b": ("c",),
        "c": ("a",),
    }


def test_services_of_one_name_get_ids_that_differ():
    found = brought(
        entity("Resource", "a", "{owner: x}"),
        entity("Component", "a", "{owner: x, dependsOn: [other/a, resource:a]}"),
        entity("Component", "a", "{owner: x, dependsOn: [component:default/a]}", "other"),
        entity("Resource", "a", "{owner: x}", "other"),
    )
    assert {each.id: each.depends_on for each in found.services.values()} == {
        "a": ("other-a", "default-a"),
        "default-a": (),
        "other-a": ("a",),
        "resource-other-a": (),
    }


def test_teams_and_systems_of_other_namespaces_bear_their_names():
    found = brought(entity("Component", "a", "{owner: shop, system: pay}", "eu")).services["a"]
    assert (found.team, found.system) == ("eu-shop", "eu-pay")


def test_what_the_folder_says_already_is_not_said_again():
    there = {"own.yaml": "teams: {x: {}}\nservices:\n  a: {team: x}\nrules: {escalation: p}\npolicies: {p: {levels: [{targets: ['channel:c']}]}}"}  # fmt: skip
    entities = (entity("Component", "a", "{owner: x}"), entity("Component", "b", "{owner: x, dependsOn: [a, component:A]}"))  # fmt: skip
    assert "1: component a: own.yaml:3 says the service a already" in stays(*entities, there=there)
    library = brought(*entities, there=there)
    assert library.services["b"].depends_on == ("a",)
    alone = entity("Component", "b", "{owner: x, dependsOn: [a]}")
    assert brought(alone, there=there).services["b"].depends_on == ("a",)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("kind: [", 1, "YAML"),
        (entity("Component", "a") + "---\nkind: 'x\n", 7, "YAML"),
        ("", 1, "it holds no entity of Backstage's"),
        ("a: 1", 1, "it holds no entity of Backstage's"),
        ("- a", 1, "is no map"),
        (entity("Component", "a", "[x]"), 4, "spec is no map"),
        (entity("Component", "a", "{owner: x, dependsOn: [!!python/none x"), 5, "YAML"),
    ],
)
def test_what_is_no_catalog_is_told_with_its_place(text, place, words):
    with pytest.raises(LibraryError) as told:
        read_backstage({"c.yaml": text})
    assert [(each.path, each.line) for each in told.value.problems] == [("c.yaml", place)]
    assert words in str(told.value)


NAMES = st.sampled_from(["a", "b", "A", "on", "1", "x.y"])
ENTITIES = st.tuples(
    st.sampled_from(["Component", "Resource", "System", "Group", "API"]),
    NAMES,
    st.fixed_dictionaries(
        {},
        optional={
            "owner": NAMES,
            "system": NAMES,
            "dependsOn": st.lists(st.builds("{}{}".format, st.sampled_from(["", "resource:", "o/"]), NAMES)),
            "dependencyOf": st.lists(NAMES),
            "consumesApis": st.lists(NAMES),
            "providesApis": st.lists(NAMES),
        },
    ),
    st.sampled_from(["default", "o"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ENTITIES, min_size=1, max_size=8))
def test_whatever_comes_over_lints_clean(entities):
    brought(*(entity(kind, f"'{name}'", str(spec), namespace) for kind, name, spec, namespace in entities))
