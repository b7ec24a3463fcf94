"""What is particular about a folder and a bucket: damage, rights, secrets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from glassdesk.adapters.artifacts import BucketArtifacts, open_artifacts
from glassdesk.kernel.canonical import sha256_hex
from glassdesk.kernel.errors import IntegrityViolation, InvalidInput, Unavailable
from tests.servers import objects
from tests.servers.starting import HERE, free_port

NAME = sha256_hex(b"bars")


def file_of(folder: Path) -> Path:
    return folder / NAME[:2] / NAME


def test_damaged_bytes_are_never_handed_out_and_can_be_stored_again(tmp_path: Path) -> None:
    artifacts = open_artifacts(f"file:{tmp_path}")
    artifacts.put(b"bars")
    file_of(tmp_path).write_bytes(b"burs")
    with pytest.raises(IntegrityViolation, match="other bytes"):
        artifacts.get(NAME)
    artifacts.put(b"bars")
    assert artifacts.get(NAME) == b"bars"


def test_nothing_but_the_artifact_is_left_in_the_folder(tmp_path: Path) -> None:
    artifacts = open_artifacts(f"file:{tmp_path}")
    for _ in range(2):
        artifacts.put(b"bars")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file_of(tmp_path)]


def test_a_place_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "artifacts").write_text("a file where the folder should be")
    artifacts = open_artifacts(f"file:{tmp_path / 'artifacts'}")
    with pytest.raises(Unavailable, match="could not be stored"):
        artifacts.put(b"bars")
    with pytest.raises(Unavailable, match="could not be read"):
        artifacts.get(NAME)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """A process that may write 4 kB stores 100 kB: an error, and no half artifact."""
    program = (
        "import resource, signal, sys\n"
        "from glassdesk.adapters.artifacts import open_artifacts\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    open_artifacts('file:' + sys.argv[1]).put(b'x' * 100_000)\n"
        "except Exception as fault:\n"
        "    print(type(fault).__name__)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert said.stdout.strip() == "Unavailable"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("url", ["", "folder", "file:", "ftp://here", "s3://", "s3://bucket/inside"])
def test_a_url_that_names_no_place_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        open_artifacts(url, endpoint="http://127.0.0.1:1", key="k", secret="s")


def test_a_bucket_needs_an_address() -> None:
    with pytest.raises(InvalidInput, match="s3_endpoint"):
        open_artifacts("s3://bucket", key="k", secret="s")


def bucket_at(bucket: objects.Bucket, **other: str) -> BucketArtifacts:
    words = {"endpoint": bucket.endpoint, "key": bucket.key, "secret": bucket.secret, **other}
    return BucketArtifacts.open(bucket.url, **words, seconds=2)


@pytest.mark.services
def test_a_wrong_secret_is_refused_by_the_store_and_shown_to_nobody() -> None:
    artifacts = bucket_at(objects.rclone_bucket(), secret="a-wrong-secret")
    with pytest.raises(Unavailable) as told:
        artifacts.put(b"bars")
    assert "secret" not in str(told.value)
    assert "a-wrong-secret" not in repr(vars(artifacts))


@pytest.mark.services
def test_a_bucket_that_is_not_there_is_unavailable() -> None:
    bucket = objects.moto_bucket()
    artifacts = BucketArtifacts.open(
        "s3://no-such-bucket", endpoint=bucket.endpoint, key=bucket.key, secret=bucket.secret
    )
    with pytest.raises(Unavailable, match="stored"):
        artifacts.put(b"bars")
    with pytest.raises(Unavailable, match="read"):
        artifacts.get(NAME)


def test_a_store_that_does_not_answer_is_unavailable_in_seconds() -> None:
    bucket = objects.Bucket(name="desk", endpoint=f"http://{HERE}:{free_port()}")
    with pytest.raises(Unavailable):
        bucket_at(bucket).put(b"bars")


@pytest.mark.services
def test_damaged_objects_are_never_handed_out() -> None:
    bucket = objects.rclone_bucket()
    artifacts = bucket_at(bucket)
    artifacts.put(b"bars")
    artifacts._bucket.put(f"{NAME[:2]}/{NAME}", b"burs")
    with pytest.raises(IntegrityViolation):
        artifacts.get(NAME)
