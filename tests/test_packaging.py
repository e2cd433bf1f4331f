"""What we ship is what we say: version, locks, compose file, and nothing in the tree of one machine alone."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

import app
from app.resources import runbooks_dir, schemas_dir

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# An absolute path of somebody's machine, or the address of a package registry. Spelled so as not to find itself.
MACHINE = re.compile(r"(?<![\w.$}{/~*-])/(?:home|root|work|Users)/[\w.]")
REGISTRY = re.compile(
    "|".join(
        [r"--(?:extra-)?index" + "-url", "--find" + "-links", "python" + "hosted", r"/simple" + r"/?\s*$"]
    ),
    re.MULTILINE,
)


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {
        canonicalize_name(m[1]): m[2]
        for m in re.finditer(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE)
    }


def declared(*, dev: bool) -> list[Requirement]:
    lines = PROJECT["project"]["dependencies"] + (PROJECT["dependency-groups"]["dev"] if dev else [])
    return [Requirement(line) for line in lines]


def tracked() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there are no tracked files to look at")
    names = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def compose() -> dict:
    return YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def test_the_version_is_one():
    assert PROJECT["project"]["version"] == app.__version__


@pytest.mark.parametrize(("lock", "dev"), [("requirements.lock", True), ("requirements-run.lock", False)])
def test_a_lock_pins_every_declared_dependency_within_its_bounds(lock, dev):
    pinned = pins(lock)
    missing = [r.name for r in declared(dev=dev) if canonicalize_name(r.name) not in pinned]
    assert not missing, f"{lock} lacks {missing}: run `make lock`"
    outside = [
        str(r) for r in declared(dev=dev) if not r.specifier.contains(pinned[canonicalize_name(r.name)])
    ]
    assert not outside, f"{lock} contradicts {outside}: run `make lock`"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-run.lock"])
def test_each_pin_of_a_lock_bears_a_hash(lock):
    for entry in re.split(r"^(?=[A-Za-z0-9])", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)[
        1:
    ]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_image_runs_the_releases_that_the_tests_ran_with():
    tested = pins("requirements.lock")
    assert {name: tested.get(name) for name in pins("requirements-run.lock")} == pins("requirements-run.lock")


@pytest.mark.parametrize(
    ("pattern", "what"), [(MACHINE, "a machine's path"), (REGISTRY, "a registry's address")]
)
def test_no_tracked_file_names(pattern, what):
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {m[0].strip()}" for m in pattern.finditer(text)]
    assert not found, f"{what}: {found}"


def test_the_data_folders_are_found():
    assert any(schemas_dir().rglob("*.avsc"))
    assert any(runbooks_dir().rglob("*.md"))


def test_compose_has_the_services_it_promises():
    services = compose()["services"]
    assert set(services) == {"kafka", "topics", "worker", "gateway", "alertmanager"}
    assert services["topics"]["command"] == ["topics", "create"]
    assert services["worker"]["command"] == services["gateway"]["command"] == ["worker"]
    assert services["kafka"]["healthcheck"]["test"][0] == "CMD"
    assert services["kafka"]["volumes"] == ["kafka-data:/var/lib/kafka/data"]
    assert "kafka-data" in compose()["volumes"]


def test_compose_workers_scale():
    """`--scale worker=3` clashes on a container name, a published port, or a shared data directory."""
    worker = compose()["services"]["worker"]
    assert not {"container_name", "ports", "network_mode"} & set(worker)
    assert not [
        v for v in worker["volumes"] if v.split(":")[1].startswith(worker["environment"]["ONCALL_DATA_DIR"])
    ]
    assert worker["depends_on"]["topics"]["condition"] == "service_completed_successfully"


def test_compose_publishes_nothing_beyond_loopback():
    services = compose()["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert [p for p in ports if not p.startswith("127.0.0.1:")] == []
    for name in ("worker", "gateway"):
        assert services[name]["environment"]["ONCALL_WEB_HOST"] == "127.0.0.1"


def test_alertmanager_reaches_the_intake_on_the_gateways_loopback():
    config = YAML(typ="safe").load((ROOT / "docker" / "alertmanager.yml").read_text(encoding="utf-8"))
    services = compose()["services"]
    port = services["gateway"]["environment"]["ONCALL_WEB_PORT"]
    assert services["alertmanager"]["network_mode"] == "service:gateway"
    (webhook,) = config["receivers"][0]["webhook_configs"]
    assert webhook["url"] == f"http://127.0.0.1:{port}/intake/alertmanager"
    assert webhook["send_resolved"] is True
