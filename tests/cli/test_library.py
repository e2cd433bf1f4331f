"""runbook, library and explain: on a small library of their own."""

import json
import re

import pytest

from app.connectors.kafka import Writer
from app.resources import runbooks_dir

PAGE = """---
id: crash
title: It crashes
owner: shop
match: alertname="Crash"
---
## Meaning
The `${{ trigger.labels.pod }}` restarts again and again.

## Diagnosis
```yaml step=look
action: kubernetes.describe
with: {pod: "${{ trigger.labels.pod }}"}
```
"""
CATALOG = """
mode: auto
rules: {escalation: shop, team: shop}
teams: {shop: {title: Shop, escalation: shop}}
people: {alice: {name: Alice A., contact_ref: "pager/alice"}}
services: {cart: {title: Cart, team: shop, system: checkout, match: ['namespace="shop"']}}
actions: {kubernetes.describe: {effect: read, params: {pod: {type: string, required: true}}}}
policies: {shop: {title: Shop, levels: [{targets: ["user:alice"], ack_timeout: 5m}]}}
"""
ALERT = {"labels": {"alertname": "Crash", "namespace": "shop", "pod": "cart-1", "severity": "critical"}}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "runbooks"
    folder.mkdir()
    (folder / "crash.md").write_text(PAGE)
    (folder / "catalog.yaml").write_text(CATALOG)
    return folder


@pytest.fixture
def broken(folder):
    (folder / "bad.md").write_text(
        PAGE.replace("id: crash", "id: bad").replace("kubernetes.describe", "kubernetes.descrbe")
    )
    (folder / "worse.yaml").write_text("teams: [")
    return folder


def test_lint_of_a_good_library(oncall, folder):
    result = oncall("runbook", "lint", "--runbooks", folder)
    assert result.exit_code == 0, result.stdout
    assert "0 errors, 0 pieces of advice" in result.stderr
    (folder / "open.md").write_text("---\ntitle: A\n# A\n")
    assert "0 errors, 1 piece of advice" in oncall("runbook", "lint", folder).stderr


def test_lint_names_every_mistake_with_its_place(oncall, broken):
    result = oncall("runbook", "lint", "--runbooks", broken)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert any(line.startswith("bad.md:12:") and "kubernetes.descrbe" in line for line in lines), lines
    assert any(line.startswith("worse.yaml:") for line in lines), lines
    document = json.loads(oncall("runbook", "lint", "--json", "--runbooks", broken).stdout)
    assert {problem["path"] for problem in document["problems"]} >= {"bad.md", "worse.yaml"}
    assert set(document["problems"][0]) == {"path", "line", "column", "level", "message", "mend"}


def test_lint_of_a_file_that_is_no_text(oncall, folder):
    (folder / "bytes.md").write_bytes(b"# ok\n\xff")
    (folder / "typo.md").write_text(
        PAGE.replace("id: crash", "id: typo").replace("kubernetes.describe", "kubernetes.descrbe")
    )
    result = oncall("runbook", "lint", "--runbooks", folder)
    assert result.exit_code == 1
    assert result.stdout.startswith("bytes.md:2:")
    assert "\ntypo.md:12:" in result.stdout, "the mistakes of the other files, too"


@pytest.mark.parametrize(
    "command",
    [("runbook", "lint"), ("library", "publish"), ("runbook", "list"), ("explain", "-")],
    ids=" ".join,
)
def test_a_folder_without_any_file(oncall, tmp_path, command):
    (tmp_path / "notes.txt").write_text("none of a library's")
    result = oncall(*command, "--runbooks", tmp_path, stdin=json.dumps(ALERT))
    assert result.exit_code == 2
    assert f"{tmp_path} holds no runbook" in result.stderr
    assert "--runbooks" in result.stderr


def test_lint_advises_where_nobody_is_paged_for_what_nobody_owns(oncall, tmp_path):
    (tmp_path / "HighLoad.md").write_text("# High load\n\n## Meaning\nMuch to do.\n")
    result = oncall("runbook", "lint", tmp_path)
    assert result.exit_code == 0
    assert "HighLoad.md:1:1: advice: nobody is paged" in result.stdout
    assert oncall("runbook", "lint", "--strict", tmp_path).exit_code == 1


def test_list_and_show(oncall, folder):
    assert "crash" in oncall("runbook", "list", "--runbooks", folder).stdout
    (facts,) = json.loads(oncall("runbook", "list", "--json", "--runbooks", folder).stdout)
    assert (facts["id"], facts["path"], facts["match"]) == ("crash", "crash.md", [['alertname="Crash"']])
    shown = oncall("runbook", "show", "crash", "--runbooks", folder).stdout
    assert "It crashes" in shown
    assert "kubernetes.describe" in shown
    assert "restarts again and again" in shown


def test_a_runbook_that_is_not_there(oncall, folder):
    result = oncall("runbook", "show", "crush", "--runbooks", folder)
    assert result.exit_code == 1
    assert "did you mean crash?" in result.stderr


@pytest.mark.parametrize(
    "command", [("runbook", "list"), ("explain", "-"), ("library", "publish")], ids=" ".join
)
def test_a_library_with_mistakes_is_told_in_lines(oncall, broken, command):
    result = oncall(*command, "--runbooks", broken, stdin=json.dumps(ALERT))
    assert result.exit_code == 1
    assert "bad.md:12:" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_that_is_not_there(oncall, tmp_path):
    result = oncall("runbook", "lint", "--runbooks", tmp_path / "nowhere")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr


def test_explain_for_people_and_scripts(oncall, folder):
    told = oncall("explain", "-", "--runbooks", folder, stdin=json.dumps(ALERT))
    assert told.exit_code == 0, told.stderr
    for words in (
        "production/checkout",
        "crash: its `match` fits best",
        "user:alice (Alice A.)",
        "at once",
        "step-commands run look",
    ):
        assert words in told.stdout
    document = json.loads(
        oncall("explain", "-", "--json", "--runbooks", folder, stdin=json.dumps(ALERT)).stdout
    )
    assert (document["runbook"], document["paging"]["when"], document["mode"]) == ("crash", "at-once", "auto")


def test_explain_in_shadow(oncall, folder):
    arguments = ("explain", "-", "--json", "--mode", "shadow", "--runbooks", folder)
    document = json.loads(oncall(*arguments, stdin=json.dumps(ALERT)).stdout)
    assert document["mode"] == "shadow"
    assert all(command["topic"].endswith(".shadow") for command in document["commands"])


def test_explain_says_which_of_several_alerts_are_one_incident(oncall, folder):
    other = {"labels": {**ALERT["labels"], "pod": "cart-2"}}
    told = oncall("explain", "-", "--runbooks", folder, stdin=json.dumps([ALERT, other]))
    assert told.exit_code == 0, told.stderr
    assert re.search(
        r"UTC AlertJoined \(same_service\) incident 'Crash' \w{8}: Crash: same service cart \+",
        told.stdout,
    )
    assert told.stdout.count("Incident  alone: opens 'Crash'") == 2
    one = oncall("explain", "-", "--runbooks", folder, stdin=json.dumps([ALERT]))
    assert "Incident  opens 'Crash'" in one.stdout


@pytest.mark.parametrize("body", [[ALERT, ALERT], {"version": "4", "alerts": [ALERT, ALERT]}])
def test_explain_takes_lists_and_webhook_bodies(oncall, folder, body):
    document = json.loads(
        oncall("explain", "-", "--json", "--runbooks", folder, stdin=json.dumps(body)).stdout
    )
    assert [each["runbook"] for each in document] == ["crash", "crash"]


@pytest.mark.parametrize("body", [[], {"version": "4", "alerts": []}])
def test_explain_says_where_there_is_no_alert(oncall, folder, body):
    result = oncall("explain", "-", "--runbooks", folder, stdin=json.dumps(body))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "there is no alert in it" in result.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "stdin:1:2: not JSON"),
        ("7", "an alert is an object"),
        ("{}", "labels: field required"),
        ('{"labels": {}}', "labels: empty"),
        (r'{"labels": {"a": "\ud800"}}', "stdin: half a surrogate"),
    ],
)
def test_explain_of_what_is_no_alert(oncall, folder, text, told):
    result = oncall("explain", "-", "--runbooks", folder, stdin=text)
    assert result.exit_code == 1
    assert told in result.stderr


def test_publish_and_show(oncall, folder, kafka, embedded_broker, topic_prefix):
    with Writer(embedded_broker.bootstrap_servers) as writer:
        writer.send(f"{topic_prefix}.library", b"warm-up", b"")
    none = oncall("library", "show", "--runbooks", folder, *kafka)
    assert none.exit_code == 1
    assert "no library is in force" in none.stderr

    dry = json.loads(oncall("library", "publish", "--dry-run", "--json", "--runbooks", folder, *kafka).stdout)
    assert (dry["published"], dry["was"]) == (False, None)
    published = json.loads(oncall("library", "publish", folder, "--json", *kafka).stdout)
    assert published["published"]
    assert published["hash"] == dry["hash"]
    assert published["changes"] == {"catalog.yaml": "new", "crash.md": "new"}

    shown = json.loads(oncall("library", "show", "--json", "--runbooks", folder, *kafka).stdout)
    assert shown["hash"] == published["hash"]
    assert set(shown["files"]) == {"catalog.yaml", "crash.md"}
    assert shown["folder"]["changes"] == {}

    (folder / "crash.md").write_text(PAGE + "\nMore words.\n")
    shown = json.loads(oncall("library", "show", "--json", "--runbooks", folder, *kafka).stdout)
    assert shown["folder"]["changes"] == {"crash.md": "changed"}
    said = oncall("library", "show", "--runbooks", folder, *kafka).stderr
    assert f"{folder} differs:\n  changed  crash.md" in said


def test_the_blobs_are_there_before_they_are_named(oncall, folder, kafka, embedded_broker, topic_prefix):
    with Writer(embedded_broker.bootstrap_servers) as writer:
        writer.send(f"{topic_prefix}.library", b"warm-up", b"")
    oncall("library", "publish", "--runbooks", folder, *kafka)
    records = [json.loads(line) for line in oncall("tail", "library", "--meta", *kafka).stdout.splitlines()]
    keys = [record["value"]["key"] for record in records]
    values = {record["value"]["key"]: record["value"]["value"] for record in records}
    assert "current" in keys
    assert values["current"] in keys
    assert PAGE in values.values()


@pytest.mark.parametrize(
    ("arguments", "environment", "takes_its_place"),
    [
        ((), {}, False),
        (("--dry-run",), {}, False),
        (("--sample",), {}, True),
        ((), {"ONCALL_RUNBOOKS": str(runbooks_dir())}, True),
    ],
    ids=["unnamed", "rehearsed", "asked for", "by the environment"],
)
def test_the_sample_library_never_takes_the_place_of_another_one_unasked(
    oncall, folder, kafka, put, arguments, environment, takes_its_place
):
    put("library", (b"warm-up", b""))
    assert oncall("library", "publish", folder, *kafka).exit_code == 0
    before = json.loads(oncall("library", "show", "--json", *kafka).stdout)["hash"]
    result = oncall("library", "publish", *arguments, *kafka, **environment)
    after = json.loads(oncall("library", "show", "--json", *kafka).stdout)["hash"]
    assert (result.exit_code == 0, after != before) == (takes_its_place, takes_its_place), result.output
    assert takes_its_place or "oncall library publish FOLDER" in result.stderr


def test_where_none_is_in_force_or_it_itself_the_sample_library_needs_no_name(oncall, folder, kafka, put):
    put("library", (b"warm-up", b""))
    for _ in range(2):
        result = oncall("library", "publish", *kafka)
        assert result.exit_code == 0, result.stderr
    assert "(none changed)" in result.stderr
    both = oncall("library", "publish", folder, "--sample", *kafka)
    assert (both.exit_code, "leave out" in both.stderr) == (2, True)


def test_publishing_counts_what_is_new_changed_and_gone(oncall, folder, kafka, put):
    put("library", (b"warm-up", b""))
    for name in ("a", "b", "c"):
        (folder / f"{name}.md").write_text(PAGE.replace("crash", name).replace("Crash", name))
    assert "5 files (5 new)" in oncall("library", "publish", folder, *kafka).stderr
    for name in ("a", "b", "c"):
        (folder / f"{name}.md").unlink()
    (folder / "crash.md").write_text(PAGE + "\nMore words.\n")
    assert "2 files (1 changed, 3 gone)" in oncall("library", "publish", folder, *kafka).stderr


GRAPH = CATALOG.replace("services: {", "services: {web: {depends_on: [store]}, store: {}, ")


def test_publish_proposes_domains_and_says_what_moves(oncall, folder, kafka, embedded_broker, topic_prefix):
    with Writer(embedded_broker.bootstrap_servers) as writer:
        writer.send(f"{topic_prefix}.library", b"warm-up", b"")
    publish = ("library", "publish", "--runbooks", folder, *kafka)
    (folder / "catalog.yaml").write_text(GRAPH.replace("{depends_on: [store]}", "{}"))
    assert json.loads(oncall(*publish, "--json").stdout)["domains"] == {
        "proposed": {},
        "moved": {},
        "otherwise": {},
    }

    (folder / "catalog.yaml").write_text(GRAPH)
    kept = oncall(*publish, "--dry-run")
    assert kept.stdout == "changed  catalog.yaml\n"
    assert "would now put store in web; --regroup moves them" in kept.stderr
    anew = oncall(*publish, "--regroup")
    assert anew.stdout.splitlines()[1:] == [
        "new      domains.published.yaml",
        "domain   web: store",
        "moves    store: store -> web",
    ]
    shown = json.loads(oncall("library", "show", "--json", "--runbooks", folder, *kafka).stdout)
    assert shown["folder"]["changes"] == {}, "what publishing adds is no difference"

    (folder / "catalog.yaml").write_text(GRAPH.replace("store: {}", "store: {system: stores}"))
    moved = json.loads(oncall(*publish, "--dry-run", "--json").stdout)["domains"]["moved"]
    assert moved == {"store": {"from": "web", "to": "stores"}}


def test_explain_shows_the_domain_that_publishing_would_propose(oncall, folder):
    (folder / "catalog.yaml").write_text(GRAPH)
    alert = {"labels": {"alertname": "Crash", "service": "store", "pod": "x"}}
    told = oncall("explain", "-", "--runbooks", folder, stdin=json.dumps(alert))
    assert "production/web" in told.stdout


ENTITY = """apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: stock}
spec: {owner: shop, dependsOn: [cart, component:nowhere]}
"""


@pytest.mark.parametrize("command", [("import",), ("library", "import")], ids=["alertmanager", "backstage"])
def test_what_cannot_be_imported_is_no_mistake_of_the_library(oncall, tmp_path, command):
    (tmp_path / "strange.yaml").write_text("teams: [")
    result = oncall(*command, tmp_path / "strange.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("oncall: nothing was imported:\n")
    assert "the library has mistakes" not in result.stderr


def test_import_of_a_backstage_catalog(oncall, folder, tmp_path):
    (tmp_path / "catalog-info.yaml").write_text(ENTITY)
    printed = oncall("library", "import", tmp_path / "catalog-info.yaml")
    assert printed.stdout.startswith("# From catalog-info.yaml, by `oncall library import`.\nteams:\n")
    assert f"{tmp_path}/catalog-info.yaml:4: stays behind: component stock: dependsOn cart" in printed.stderr

    arguments = ("library", "import", tmp_path / "catalog-info.yaml", "--into", folder)
    written = oncall(*arguments)
    assert (written.exit_code, written.stdout) == (0, "")
    assert "dependsOn component:nowhere: no Component or Resource" in written.stderr
    assert (folder / "backstage.yaml").read_text().splitlines()[1:] == [
        "services:",
        "  'stock':",
        "    team: 'shop'",
        "    depends_on: ['cart']",
    ]
    assert oncall("runbook", "lint", "--strict", folder).exit_code == 0
    again = oncall(*arguments)
    assert again.exit_code == 2
    assert "backstage.yaml is there already" in again.stderr


def test_import_of_what_is_no_catalog(oncall, tmp_path):
    (tmp_path / "a.yaml").write_text("kind: [")
    result = oncall("library", "import", tmp_path / "a.yaml")
    assert (result.exit_code, "Traceback" in result.stderr) == (1, False)
    assert "a.yaml:1:" in result.stderr
    assert oncall("library", "import", tmp_path / "none.yaml").exit_code == 2
