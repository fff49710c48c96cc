"""The services as docker compose would start them: least rights, closed ports, no password in the file."""

import re
import shutil
import subprocess
import sysconfig
import tomllib
from typing import Any

import pytest
import yaml

from db.roles import PROCESSES
from offramp.config import SETTINGS
from tests.house.sources import ROOT

# The journal lies in the ingest service's volume, in the data folder that the image names.
NOT_PASSED = {"OFFRAMP_JOURNAL"}
OURS = ("migrate", "ingest", "worker", "dashboard")
FILE = ROOT / "docker-compose.yml"


@pytest.fixture
def services() -> dict[str, Any]:
    """The services by name."""
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    return content


def test_there_are_five_services(services: dict[str, Any]) -> None:
    """One database, and four services of one image, tagged with this version."""
    assert set(services) == {"db", *OURS}
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert {services[name]["image"] for name in OURS} == {f"offramp:{version}"}
    assert [services[name]["command"] for name in OURS] == [[name] for name in OURS]


def test_every_service_has_the_least_rights(services: dict[str, Any]) -> None:
    """No root, a read-only file system, no capability, no way to get one."""
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    assert services["db"]["user"] == "postgres"
    assert re.search(r"^USER (?!0|root)\S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)


def test_ports_are_open_to_this_machine_only(services: dict[str, Any]) -> None:
    """Two ports, both on loopback; the database has none."""
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"ingest": ["127.0.0.1:4318:4318"], "dashboard": ["127.0.0.1:8501:8501"]}


def test_secrets_are_files_and_each_service_has_its_own(services: dict[str, Any]) -> None:
    """No password stands in the file or in an environment; only the database and migrate know the owner's."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert content["secrets"] == {name: {"file": f"./secrets/{name}"} for name in ("database", *OURS[1:])}
    held = {name: service["secrets"] for name, service in services.items()}
    own = {name: [name] for name in OURS[1:]}
    assert held == {"db": ["database"], "migrate": ["database", *OURS[1:]], **own}
    for name, service in services.items():
        named = {key for key in service["environment"] if "PASSWORD" in key}
        assert named in ({"POSTGRES_PASSWORD_FILE"}, {"OFFRAMP_DATABASE_PASSWORD_FILE"}), name
    for name in OURS[1:]:
        environment = services[name]["environment"]
        assert environment["OFFRAMP_DATABASE_URL"] == f"postgresql://offramp_{name}@db/offramp"
        assert environment["OFFRAMP_DATABASE_PASSWORD_FILE"] == f"/run/secrets/{name}"
    assert set(OURS[1:]) == set(PROCESSES)


def test_every_service_is_bounded_and_what_must_last_is_named(services: dict[str, Any]) -> None:
    """Memory, processors, processes and logs have limits; the database, the first key and the journal have volumes."""
    for name, service in services.items():
        assert {"mem_limit", "cpus", "pids_limit", "logging"} <= set(service), name
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    mounts = [mount for service in services.values() for mount in service["volumes"]]
    assert {mount.partition(":")[0] for mount in mounts if mount[0] != "."} == set(content["volumes"])
    assert {mount for mount in mounts if mount[0] == "."} == {"./config:/config:ro"}
    assert services["ingest"]["volumes"] == ["journal:/data"]


def test_nobody_starts_before_the_schema(services: dict[str, Any]) -> None:
    """The schema is migrated once on a healthy database, then the others start."""
    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("ingest", "worker", "dashboard"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_every_service_that_goes_on_is_asked_whether_it_is_well(services: dict[str, Any]) -> None:
    """The database, ingest and dashboard on their port; the worker by the file that it touches while it moves."""
    assert {name for name, service in services.items() if "healthcheck" in service} == set(services) - {"migrate"}
    assert services["worker"]["environment"]["OFFRAMP_PULSE"] in services["worker"]["healthcheck"]["test"][-1]
    for name, port in (("ingest", 4318), ("dashboard", 8501)):
        assert f"http://127.0.0.1:{port}/readyz" in services[name]["healthcheck"]["test"][-1]


def test_every_setting_is_passed_or_left_out_on_purpose(services: dict[str, Any]) -> None:
    """What offramp/config.py reads can be set for the services; a misspelt variable would be ignored in silence."""
    for name in OURS:
        ours = {key for key in services[name]["environment"] if key.startswith("OFFRAMP_")}
        assert ours <= SETTINGS
        own = {"migrate": {"OFFRAMP_FIRST_KEY_FILE", "OFFRAMP_ROLES"}, "worker": {"OFFRAMP_PULSE"}}
        others = set().union(*(names for owner, names in own.items() if owner != name))
        assert SETTINGS - ours == NOT_PASSED | others


def test_the_linter_of_compose_files_finds_nothing_grave() -> None:
    """Left is only that images are pinned by tag: ours is built here, PostgreSQL's would miss its security releases."""
    program = shutil.which("compose-lint", path=sysconfig.get_path("scripts"))
    assert program is not None, "compose-lint is missing: pip install -e '.[test]'"
    command = [program, "--format", "json", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert set(re.findall(r"CL-\d{4}", done.stdout)) <= {"CL-0019"}


DOCKER = shutil.which("docker")
PLUGIN = [DOCKER or "", "compose", "version"]

if DOCKER and not subprocess.run(PLUGIN, capture_output=True, check=False).returncode:

    def test_compose_itself_understands_the_file() -> None:
        """`docker compose config` finds no fault."""
        command = [str(DOCKER), "compose", "--file", str(FILE), "config", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
