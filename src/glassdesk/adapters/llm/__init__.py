"""Analysts that ask a model."""

from glassdesk.adapters.llm.factory import analyst_for
from glassdesk.adapters.llm.openai_compatible import OpenAICompatible
from glassdesk.adapters.llm.scripted import Scripted

__all__ = ["OpenAICompatible", "Scripted", "analyst_for"]
