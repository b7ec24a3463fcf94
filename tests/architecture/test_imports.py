"""Who may import whom: the contracts of pyproject.toml, and an allow-list for the core."""

import ast
import sys

import pytest
from importlinter.application.use_cases import lint_imports
from importlinter.configuration import configure

from tests.architecture.source import ROOT, Source, sources

CORE = ("src/glassdesk/kernel/", "src/glassdesk/workflow/", "src/glassdesk/desk.py")
# What the core may import beside the standard library and itself: by whom.
ALLOWED = {
    "glassdesk": "src/glassdesk/",
    "numpy": "src/glassdesk/workflow/",
    "talib": "src/glassdesk/workflow/indicators/",
    "cronsim": "src/glassdesk/workflow/strategies/cron.py",
}


def test_every_import_contract_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    configure()
    kept = lint_imports(config_filename="pyproject.toml", cache_dir=None, no_logo=True)
    assert kept, capsys.readouterr().out


def test_the_core_knows_nothing_but_the_standard_library_numpy_and_two_exceptions() -> None:
    assert [
        f"{source.name}:{line} imports {package}"
        for source in sources(ROOT / "src")
        if source.name.startswith(CORE)
        for package, line in packages(source)
        if package not in sys.stdlib_module_names and not source.name.startswith(ALLOWED.get(package, "\0"))
    ] == []


def packages(source: Source) -> list[tuple[str, int]]:
    return [
        (module.split(".")[0], node.lineno)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        )
    ]
