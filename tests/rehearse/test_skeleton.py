"""A new page and its test are whole from the first moment: nothing to mend, all reached, no mutant alive."""

import pytest

from app.library.compile import compile_library
from app.library.lint import lint
from app.rehearse.coverage import missed
from app.rehearse.mutants import survivors
from app.rehearse.play import play
from app.rehearse.skeleton import name_for, page_for
from app.rehearse.skeleton import test_for as cases_for
from tests.rehearse.estate import FILES, read

BARE = {"all.yaml": "rules: {escalation: all}\npolicies: {all: {levels: [{targets: ['channel:#all']}]}}\n"}
TYPED = {
    "all.yaml": BARE["all.yaml"] + "actions: {k.see: {effect: read, params: {host: string, port: integer, deep: boolean, of: list, by: map}}}\n"
}  # fmt: skip


@pytest.mark.parametrize("files", [FILES, BARE, TYPED], ids=["estate", "bare", "typed"])
def test_it_lints_clean_and_its_test_is_good_enough(files):
    library = compile_library(files)
    page = page_for("HostDiskFull", library)
    whole = {**files, "host-disk-full.md": page}
    assert lint(whole) == lint(files)
    library = compile_library(whole)
    cases, problems = read(cases_for("HostDiskFull", library), "host-disk-full.test.yaml", library)
    assert problems == []
    ran = [play(case, library) for case in cases]
    assert [each.differences for each in ran] == [()] * len(cases)
    book = library.runbooks["host-disk-full"]
    assert missed(book, [each.facts for each in ran]) == []
    assert survivors(book, library, cases)[1] == []


@pytest.mark.parametrize(
    ("alert", "name"),
    [
        ("KubePodCrashLooping", "kube-pod-crash-looping"),
        ("etcdNoLeader", "etcd-no-leader"),
        ("NodeDiskIOSaturation", "node-disk-io-saturation"),
        ("Latency5m", "latency-5m"),
        ("snake_case_alert", "snake-case-alert"),
        ("job:errors:rate", "job-errors-rate"),
        ("with space", ""),
        ("../../etc/passwd", ""),
        ('x"\ny', ""),
        ("---", ""),
        ("", ""),
    ],
)
def test_the_name_is_made_of_the_alerts_words(alert, name):
    assert name_for(alert) == name
