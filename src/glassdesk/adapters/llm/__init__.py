"""Models that are asked: four wire protocols over HTTP, recorded answers, scripted ones."""

from glassdesk.adapters.llm.asking import ModelServer
from glassdesk.adapters.llm.factory import HOSTED, endpoint_name, lacks_key, model_for
from glassdesk.adapters.llm.recorded import Recorded, Recording, write_recordings
from glassdesk.adapters.llm.scripted import Scripted

__all__ = [
    "HOSTED",
    "ModelServer",
    "Recorded",
    "Recording",
    "Scripted",
    "endpoint_name",
    "lacks_key",
    "model_for",
    "write_recordings",
]
