"""Prompt templates: Jinja2 in a sandbox that counts."""

from glassdesk.adapters.templates.engine import SandboxedTemplates

__all__ = ["SandboxedTemplates"]
