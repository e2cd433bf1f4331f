"""What the documents show is true: their pages lint, their links lead somewhere."""

import re
from pathlib import Path

import pytest

from app.library.folder import read_folder
from app.library.lint import lint
from app.resources import runbooks_dir

TOP = Path(__file__).parents[1]
DOCUMENTS = [TOP / "README.md", TOP / "CHANGELOG.md", *sorted((TOP / "docs").rglob("*.md"))]
PAGE = re.compile(r"^````markdown\n(.*?)^````$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#)([^)#\s]+)")
MANIFEST = re.compile(
    r"^```yaml\n((?:rules|services|teams|policies|actions|guards|match):.*?)^```$", re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    broken = [link for link in LINK.findall(document.read_text()) if not (document.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize(
    "document", [path for path in DOCUMENTS if PAGE.search(path.read_text())], ids=lambda path: path.name
)
def test_pages_that_documents_show_have_no_mistake(document):
    manifests = {path: text for path, text in read_folder(runbooks_dir()).items() if path.endswith(".yaml")}
    pages = {f"shown-{number}.md": page for number, page in enumerate(PAGE.findall(document.read_text()))}
    assert lint({**manifests, **pages}) == []


def test_the_manifests_that_the_format_reference_shows_have_no_mistake():
    shown = MANIFEST.findall((TOP / "docs" / "runbooks.md").read_text())
    match, rest = (
        [each for each in shown if each.startswith("match:")],
        [each for each in shown if not each.startswith("match:")],
    )
    more = "people: {bruno: {}}\npolicies: {last-resort: {levels: [{targets: ['user:bruno']}]}}\nservices: {product-catalog: {}}\nteams: {platform: {}}"
    assert (len(match), len(rest)) == (1, 5)
    files = {f"{number}.yaml": text for number, text in enumerate([*rest, more])}
    assert lint({**files, "page.md": f"---\n{match[0]}---\n"}) == []


@pytest.mark.parametrize("name", ["chat.md", "tickets.md"])
def test_the_manifests_on_chat_and_tickets_have_no_mistake(name):
    (shown,) = MANIFEST.findall((TOP / "docs" / name).read_text())
    assert [each for each in lint({"shown.yaml": shown}) if each.level == "error"] == []


def test_the_manifests_on_escalation_have_no_mistake():
    shown = re.findall(
        r"^```yaml\n(policies:.*?)^```$",
        (TOP / "docs" / "escalation.md").read_text(),
        re.DOTALL | re.MULTILINE,
    )
    assert len(shown) == 3
    assert lint({f"{number}.yaml": text for number, text in enumerate(shown)}) == []


def test_the_manifests_on_noise_have_no_mistake():
    shown = re.findall(
        r"^```yaml\n((?:inhibit|maintenance|flapping):.*?)^```$",
        (TOP / "docs" / "correlation.md").read_text(),
        re.DOTALL | re.MULTILINE,
    )
    assert len(shown) == 3
    calendar = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n"
    more = "people: {bruno: {}}\npolicies: {last: {levels: [{targets: ['user:bruno']}]}}\nrules: {escalation: last}\n"
    files = {f"{number}.yaml": text for number, text in enumerate(shown)}
    estate = f"{more}teams: {{shop: {{}}}}\nservices: {{cart: {{team: shop}}}}\n"
    assert lint({**files, "estate.yaml": estate, "plans/patches.ics": calendar}) == []
