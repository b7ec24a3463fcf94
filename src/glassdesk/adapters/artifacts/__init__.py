"""Bytes named by their content: in a folder, in a bucket that speaks S3, or in memory."""

from glassdesk.adapters.artifacts.bucket import BucketArtifacts
from glassdesk.adapters.artifacts.folder import FolderArtifacts
from glassdesk.adapters.artifacts.memory import MemoryArtifacts
from glassdesk.adapters.artifacts.opening import open_artifacts

__all__ = ["BucketArtifacts", "FolderArtifacts", "MemoryArtifacts", "open_artifacts"]
