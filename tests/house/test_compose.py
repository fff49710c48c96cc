"""The services as docker compose would start them: least rights, closed ports, no password in the file."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.house.sources import ROOT

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


def test_the_password_must_be_given() -> None:
    """Compose refuses to start without POSTGRES_PASSWORD, and every mention of it is that demand."""
    mentions = re.findall(r"\$\{?POSTGRES_PASSWORD[^}]*\}?", FILE.read_text(encoding="utf-8"))
    assert mentions
    assert all(mention.startswith("${POSTGRES_PASSWORD:?") for mention in mentions)


def test_nobody_starts_before_the_schema(services: dict[str, Any]) -> None:
    """The schema is migrated once on a healthy database, then the others start."""
    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("ingest", "worker", "dashboard"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_what_answers_http_is_asked_whether_it_is_ready(services: dict[str, Any]) -> None:
    """Ingest and dashboard are asked on their own port."""
    for name, port in (("ingest", 4318), ("dashboard", 8501)):
        assert f"http://127.0.0.1:{port}/readyz" in services[name]["healthcheck"]["test"][-1]


def test_every_setting_is_one_that_is_read(services: dict[str, Any]) -> None:
    """A misspelt variable would be ignored in silence: all that are set are read by offramp/config.py."""
    known = set(re.findall(r"OFFRAMP_[A-Z_]+", (ROOT / "offramp" / "config.py").read_text(encoding="utf-8")))
    for name in OURS:
        ours = {key for key in services[name]["environment"] if key.startswith("OFFRAMP_")}
        assert ours <= known
        assert "OFFRAMP_DATABASE_URL" in ours
