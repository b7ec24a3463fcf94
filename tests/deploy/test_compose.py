"""compose.yaml, looked at without a container engine: what it names is there, what it promises it states."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from glassdesk.cli.table import TABLE
from glassdesk.settings import Settings, load
from tests.architecture.source import ROOT

ENDS_BY_ITSELF = {"bucket"}
ROLES = {"dealer", "worker", "web"}
KNOWN = {
    "build", "cap_drop", "command", "depends_on", "entrypoint", "environment", "healthcheck", "image", "init",
    "network_mode", "ports", "profiles", "read_only", "restart", "secrets", "security_opt",
    "stop_grace_period",
    "tmpfs", "volumes", "working_dir",
}  # fmt: skip
CONDITIONS = {"service_healthy", "service_completed_successfully"}
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:-[^}]*)?\}")


@cache
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


SERVICES = sorted(yaml.safe_load((ROOT / "compose.yaml").read_text())["services"])


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param, compose()["services"][request.param]


def test_a_service_names_only_what_is_there(service: tuple[str, dict[str, Any]]) -> None:
    _, said = service
    assert not set(said) - KNOWN
    for name, how in (said.get("depends_on") or {}).items():
        assert name in compose()["services"]
        assert how["condition"] in CONDITIONS
        if compose()["services"][name].get("profiles"):
            assert how["required"] is False
    assert set(said.get("secrets") or ()) <= set(compose()["secrets"])
    for volume in said.get("volumes") or ():
        source = volume.rpartition(":")[0] if volume.startswith("$") else volume.partition(":")[0]
        assert source in compose()["volumes"] or source.startswith("${GLASSDESK_GATEWAY_FOLDER:-")


def test_a_service_says_whether_it_is_healthy_or_ends_by_itself(service: tuple[str, dict[str, Any]]) -> None:
    name, said = service
    check = said.get("healthcheck")
    assert (check is None) == (name in ENDS_BY_ITSELF)
    if check:
        assert check["test"][0] == "CMD"
        assert {"interval", "timeout", "retries"} <= set(check)


def test_nothing_listens_beyond_this_machine_and_no_secret_is_in_the_file(
    service: tuple[str, dict[str, Any]],
) -> None:
    _, said = service
    assert all(port.startswith("127.0.0.1:") for port in said.get("ports") or ())
    for name, value in (said.get("environment") or {}).items():
        assert "PASSWORD" not in name or name.endswith("_FILE"), name
        assert "@" not in str(value)


def test_every_variable_has_a_default_and_the_file_needs_none() -> None:
    text = (ROOT / "compose.yaml").read_text()
    assert [name for name, default in VARIABLE.findall(text) if not default] == []


@pytest.mark.parametrize("name", sorted(ROLES))
def test_a_role_runs_a_command_as_a_user_without_rights_over_valid_settings(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = compose()["services"][name]
    assert said["command"][:2] == ["glassdesk", name]
    assert name in {entry.name for entry in TABLE}
    assert (said["build"], said["cap_drop"], said["read_only"]) == (".", ["ALL"], True)
    assert said["security_opt"] == ["no-new-privileges:true"]
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for secret in said["secrets"]:
        (secrets / secret).write_text(f"postgresql+psycopg://{secret}\n" if "url" in secret else "hidden\n")
    for key, value in said["environment"].items():
        monkeypatch.setenv(key, VARIABLE.sub(lambda found: found[2][2:], str(value)))
    monkeypatch.setenv("GLASSDESK_SECRETS", str(secrets))
    monkeypatch.setenv("GLASSDESK_HOME", str(tmp_path / "home"))
    assert {key.removeprefix("GLASSDESK_").lower() for key in said["environment"]} - {
        "home",
        "secrets",
    } <= set(Settings.model_fields)
    settings = load(tmp_path / "home")
    assert settings.database_url == "postgresql+psycopg://glassdesk_database_url"
    assert settings.s3_secret is not None
    assert settings.s3_secret.get_secret_value() == "hidden"
    assert settings.simulated


def test_each_profile_brings_its_broker() -> None:
    profiles = {name: said["profiles"] for name, said in compose()["services"].items() if "profiles" in said}
    assert profiles == {"simulator": ["simulator"], "gateway": ["gateway"]}


def test_a_worker_may_take_as_long_to_leave_as_its_longest_step() -> None:
    assert compose()["services"]["worker"]["stop_grace_period"] == "130s"
