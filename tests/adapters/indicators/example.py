"""The file that the how-to shows, word for word."""

from __future__ import annotations

import re

from tests.architecture.source import ROOT

HOW_TO = (ROOT / "docs/how-to/add-an-indicator.md").read_text(encoding="utf-8")
EXAMPLE: str = re.findall(r"```python\n(.*?)```", HOW_TO, re.DOTALL)[0]
