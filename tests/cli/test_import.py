"""`oncall import`: the manifest on stdout or in a folder, and on stderr what became of each line."""

from __future__ import annotations

CONFIG = """route:
  receiver: ops
  group_by: [cluster]
receivers: [{name: ops}]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [cluster]
"""


def test_the_manifest_is_printed_and_every_line_told(oncall, tmp_path):
    (tmp_path / "am.yml").write_text(CONFIG)
    result = oncall("import", tmp_path / "am.yml")
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "# From am.yml, by `oncall import`.\nrules:\n  group_by: ['cluster']\ninhibit:\n"
    )
    assert f"{tmp_path}/am.yml:3: brought over: group_by ['cluster']" in result.stderr
    assert f"{tmp_path}/am.yml:2: stays behind: receiver ops" in result.stderr
    assert "2 brought over, 2 stay behind" in result.stderr


def test_it_is_written_into_a_folder_once(oncall, tmp_path):
    (tmp_path / "am.yml").write_text(CONFIG)
    library = tmp_path / "library"
    library.mkdir()
    (library / "own.yaml").write_text("rules: {team: ops}\nteams: {ops: {}}\n")
    assert oncall("import", tmp_path / "am.yml", "--write", library).stdout == ""
    assert "rules" not in (library / "alertmanager.yaml").read_text()
    assert oncall("runbook", "lint", library).exit_code == 0
    again = oncall("import", tmp_path / "am.yml", "--write", library)
    assert again.exit_code == 2
    assert "alertmanager.yaml is there already" in again.stderr


def test_mistakes_are_told_in_words(oncall, tmp_path):
    (tmp_path / "am.yml").write_text("a: [")
    broken = oncall("import", tmp_path / "am.yml")
    assert (broken.exit_code, "Traceback" in broken.stderr) == (1, False)
    assert "am.yml:1:" in broken.stderr
    assert oncall("import", tmp_path / "none.yml").exit_code == 2
