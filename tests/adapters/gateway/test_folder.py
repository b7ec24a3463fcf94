"""The unpacked gateway's folder: what is missing is named before anything is started."""

from pathlib import Path

import pytest

from glassdesk.adapters.gateway import open_folder
from glassdesk.kernel.errors import InvalidInput
from tests.adapters.gateway.standin import unpacked

JAVA = "#!/bin/sh\nexec java -cp root ibgroup.web.core.clientportal.gw.GatewayStart\n"


def test_a_whole_folder_is_started_as_its_owner_would(tmp_path: Path) -> None:
    folder, port = unpacked(tmp_path / "gw")
    opened = open_folder(folder, port=port)
    assert opened.command == ("./bin/run.sh", "root/conf.yaml")
    assert (opened.path, opened.port) == (folder, port)


def test_a_script_that_lost_its_mode_in_unpacking_is_run_by_a_shell(tmp_path: Path) -> None:
    folder, port = unpacked(tmp_path / "gw")
    (folder / "bin/run.sh").chmod(0o644)
    command = open_folder(folder, port=port).command
    assert Path(command[0]).name in ("bash", "sh")
    assert command[1:] == ("bin/run.sh", "root/conf.yaml")


@pytest.mark.parametrize("part", ["bin/run.sh", "root/conf.yaml"])
def test_a_folder_that_is_no_gateway_says_what_it_lacks(tmp_path: Path, part: str) -> None:
    folder, port = unpacked(tmp_path / "gw")
    (folder / part).unlink()
    with pytest.raises(InvalidInput, match=f"has no {part}") as told:
        open_folder(folder, port=port)
    assert "clientportal.gw.zip" in told.value.remedy


@pytest.mark.parametrize("text", ["", "listenPort: x", "- 1", "listenPort: [", "other: 1"])
def test_a_configuration_without_a_port_is_named(tmp_path: Path, text: str) -> None:
    folder, port = unpacked(tmp_path / "gw")
    (folder / "root/conf.yaml").write_text(text)
    with pytest.raises(InvalidInput, match="names no listenPort"):
        open_folder(folder, port=port)


def test_a_gateway_without_tls_is_refused(tmp_path: Path) -> None:
    folder, port = unpacked(tmp_path / "gw")
    (folder / "root/conf.yaml").write_text(f"listenPort: {port}\nlistenSsl: false\n")
    with pytest.raises(InvalidInput, match="listenSsl"):
        open_folder(folder, port=port)


def test_two_ports_that_differ_are_both_named(tmp_path: Path) -> None:
    folder, port = unpacked(tmp_path / "gw", port=5000)
    with pytest.raises(InvalidInput, match="listenPort 5000, GLASSDESK_BROKER_URL says port 5001"):
        open_folder(folder, port=port + 1)


def test_without_java_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, port = unpacked(tmp_path / "gw", script=JAVA)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidInput, match="no `java`") as told:
        open_folder(folder, port=port)
    assert "default-jre-headless" in told.value.remedy
