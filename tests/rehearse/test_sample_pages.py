"""Every page of the sample library has cases that hold, that reach all of it, and that notice whatever is spoilt in it."""

import pytest

from app.library.compile import compile_library
from app.library.folder import read_folder, read_tests
from app.rehearse.coverage import missed
from app.rehearse.mutants import survivors
from app.rehearse.play import play
from app.rehearse.suite import read_suite
from app.resources import runbooks_dir

LIBRARY = compile_library(read_folder(runbooks_dir()))
SUITE, PROBLEMS = read_suite(read_tests(runbooks_dir()), LIBRARY)


def test_the_tests_have_no_mistake_and_there_are_enough_of_them():
    assert PROBLEMS == []
    assert sum(len(cases) for cases in SUITE.values()) >= 60


@pytest.mark.parametrize("page", LIBRARY.runbooks)
def test_all_cases_hold_and_reach_all_of_the_page(page):
    ran = [(case, play(case, LIBRARY)) for case in SUITE.get(page, [])]
    assert ran, "the page has a test"
    assert {case.name: each.differences for case, each in ran if not each.is_good} == {}
    assert missed(LIBRARY.runbooks[page], [each.facts for _, each in ran]) == []


@pytest.mark.slow
@pytest.mark.parametrize("page", [each.id for each in LIBRARY.runbooks.values() if each.steps])
def test_no_mutant_stays_alive(page):
    number, alive = survivors(LIBRARY.runbooks[page], LIBRARY, SUITE[page])
    assert number > 0
    assert [f"{each.line}: {each.step}: {each.words}" for each in alive] == []
