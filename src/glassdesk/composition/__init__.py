"""The only place that knows which adapter stands behind which port: the scheme of a setting's URL decides."""

from glassdesk.composition.reading import open_desk

__all__ = ["open_desk"]
