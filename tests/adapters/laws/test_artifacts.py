"""Laws of artifacts: bytes by their content, whole or not there, checked at every reading."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glassdesk.adapters.artifacts import open_artifacts
from glassdesk.kernel.canonical import sha256_hex
from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.workflow.lineage.ports import ArtifactStore
from tests.servers import objects

PLACES = [
    "memory",
    "folder",
    pytest.param("moto", marks=pytest.mark.services),
    pytest.param("rclone", marks=pytest.mark.services),
]


@pytest.fixture(params=PLACES)
def artifacts(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    if request.param == "memory":
        return open_artifacts("memory:")
    if request.param == "folder":
        return open_artifacts(f"file:{tmp_path / 'artifacts'}")
    bucket = objects.moto_bucket() if request.param == "moto" else objects.rclone_bucket()
    return open_artifacts(bucket.url, endpoint=bucket.endpoint, key=bucket.key, secret=bucket.secret)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=4000))
def test_bytes_come_back_under_their_hash(artifacts: ArtifactStore, data: bytes) -> None:
    assert artifacts.put(data) == sha256_hex(data)
    assert artifacts.get(sha256_hex(data)) == data


def test_a_picture_of_a_megabyte_comes_back(artifacts: ArtifactStore) -> None:
    picture = bytes(range(256)) * 4096
    assert artifacts.get(artifacts.put(picture)) == picture


def test_the_same_bytes_twice_are_one_artifact(artifacts: ArtifactStore) -> None:
    assert artifacts.put(b"chart") == artifacts.put(b"chart")
    assert artifacts.get(sha256_hex(b"chart")) == b"chart"


def test_many_may_store_the_same_at_once(artifacts: ArtifactStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(artifacts.put, [b"the same chart"] * 16))
    assert [artifacts.get(name) for name in names] == [b"the same chart"]


def test_an_unknown_name_is_told(artifacts: ArtifactStore) -> None:
    with pytest.raises(NotFound, match="no artifact"):
        artifacts.get("0" * 64)


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "/x", "0" * 64 + "\n"]
)
def test_what_is_no_hash_is_never_looked_up(artifacts: ArtifactStore, name: str) -> None:
    with pytest.raises(InvalidInput, match="names no artifact"):
        artifacts.get(name)
