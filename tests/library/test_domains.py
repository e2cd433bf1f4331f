"""`domains:` in manifests, and the manifest that publishing makes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.domains import domain_of_service
from app.library.compile import compile_library, examine
from app.library.domains import MOST
from app.library.folder import read_folder
from app.library.lint import lint_folder
from app.library.problems import LibraryError
from app.library.published import PATH, domain_change, services_of, with_domains
from app.resources import runbooks_dir

SHOP = """services:
  cart: {depends_on: [cart-db]}
  cart-db: {}
  mail: {}
"""


def systems(files):
    return {each.id: each.system for each in compile_library(files).services.values()}


def test_a_manifest_puts_services_into_domains():
    library = compile_library({"a.yaml": SHOP, "b.yaml": "domains: {shop: [cart, cart-db]}"})
    domains = {each.id: domain_of_service(each, "prod") for each in library.services.values()}
    assert domains == {"cart": "prod/shop", "cart-db": "prod/shop", "mail": "prod/mail"}


@pytest.mark.parametrize(
    ("text", "place", "level", "words"),
    [
        ("domains: [cart]", (1, 10), "error", "domains is no map"),
        ("domains: {shop: [carts]}", (1, 18), "error", "did you mean 'cart'?"),
        ("domains: {shop: [[cart]]}", (1, 18), "error", "an entry is no service"),
        ("domains: {'': [cart]}", (1, 15), "error", "a domain has no name"),
        ("domains: {shop: [cart], mail: [cart]}", (1, 32), "error", "cart is in the domain shop already, at x.yaml:1"),
        ("domains: {shop: [own]}", (1, 18), "error", "own says its system itself, at y.yaml:5"),
        ("domains: {checkout: [cart, mail], chekout: [cart-db]}", (1, 45), "advice", "did you mean 'checkout'?"),
    ],
)  # fmt: skip
def test_mistakes_have_a_place_and_a_mend(text, place, level, words):
    _, problems = examine({"x.yaml": text, "y.yaml": SHOP + "  own: {system: own}\n"})
    (problem,) = problems
    assert ((problem.line, problem.column), problem.level, problem.path) == (place, level, "x.yaml")
    assert words in str(problem)


def test_systems_that_differ_by_a_number_are_meant():
    text = "domains: {payments-10: [cart, mail], payments-11: [cart-db]}"
    assert examine({"x.yaml": text, "y.yaml": SHOP})[1] == []


def test_lint_advises_against_a_system_of_too_many():
    text = "services:\n" + "".join(f"  s{n}: {{system: all}}\n" for n in range(MOST + 1))
    (problem,) = examine({"x.yaml": text})[1]
    assert (problem.level, problem.line) == ("advice", 2)
    assert f"the system all has {MOST + 1} services" in problem.message


def test_publishing_says_the_domains_of_services_that_say_none():
    files = with_domains({"a.yaml": SHOP}, {})
    assert PATH in files
    assert systems(files) == {"cart": "cart", "cart-db": "cart", "mail": "mail"}
    assert examine(files)[1] == []


@pytest.mark.parametrize(
    "text", ["services: {a: {}, b: {}}", "services: {a: {system: x, depends_on: [b]}, b: {system: y}}", ""]
)
def test_where_nothing_is_to_be_said_the_files_stay_as_they_are(text):
    files = {"a.yaml": text, "p.md": "# P"}
    assert with_domains(files, {}) == files


def test_the_sample_estate_says_everything_itself():
    files = read_folder(runbooks_dir())
    assert with_domains(files, {}) == files


def test_what_is_in_force_stays_until_somebody_asks():
    lonely = {"a.yaml": SHOP.replace("{depends_on: [cart-db]}", "{}")}
    tied = {"a.yaml": SHOP}
    assert systems(with_domains(tied, lonely))["cart-db"] == ""
    change = domain_change(tied, lonely)
    assert (change.proposed, change.moved, change.otherwise) == ({}, {}, {"cart-db": "cart"})
    change = domain_change(tied, lonely, regroup=True)
    assert (change.moved, change.otherwise) == ({"cart-db": ("cart-db", "cart")}, {})
    assert systems(with_domains(tied, lonely, regroup=True))["cart-db"] == "cart"
    grouped = with_domains(tied, {})
    assert systems(with_domains(lonely, grouped))["cart-db"] == "cart"


def test_what_the_operators_say_moves_a_service():
    grouped = with_domains({"a.yaml": SHOP}, {})
    said = {"a.yaml": SHOP, "b.yaml": "domains: {data: [cart-db]}"}
    assert domain_change(said, grouped).moved == {"cart-db": ("cart", "data")}
    assert systems(with_domains(said, grouped)) == {"cart": "", "cart-db": "data", "mail": ""}


def test_the_name_of_the_manifest_is_kept_for_publishing(tmp_path):
    (tmp_path / PATH).write_text("domains: {}")
    _, problems = lint_folder(tmp_path)
    assert [each.path for each in problems if each.level == "error"] == [PATH]
    with pytest.raises(LibraryError, match=r"call it domains\.yaml"):
        with_domains({PATH: "domains: {}"}, {})


NAMES = st.sampled_from(["a", "b", "c", "on", "1", "x-y"])
CATALOGS = st.dictionaries(NAMES, st.lists(NAMES, max_size=2), min_size=1)


@settings(max_examples=50, deadline=None)
@given(CATALOGS, CATALOGS)
def test_published_again_it_is_the_same_library(first, second):
    def files(catalog):
        lines = [
            f"  '{id_}': {{depends_on: {[each for each in needed if each in catalog]}}}\n"
            for id_, needed in catalog.items()
        ]
        return {"c.yaml": "services:\n" + "".join(lines)}

    once = with_domains(files(second), with_domains(files(first), {}))
    assert with_domains(files(second), once) == once
    assert examine(once)[1] == []
    assert all(each.system or each.id for each in services_of(once).values())
