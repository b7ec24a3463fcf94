"""The house style as far as a machine can read it. Why each rule: docs and CONTRIBUTING.md."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.architecture.source import PRODUCT, ROOT, TESTS, Source, body_length, is_stub, sources

EVERYTHING = (*PRODUCT, *TESTS)
LONGEST_FUNCTION = 50
LONGEST_FILE = 400
# Where chance, machine time and an unverified certificate are the subject itself.
OUTSIDE_WORLD = ("src/glassdesk/adapters/", "simulator/src/")
BANNED_CALLS = {
    "datetime.now": "ask the Clock",
    "datetime.utcnow": "ask the Clock",
    "datetime.today": "ask the Clock",
    "date.today": "ask the Clock",
    "time.time": "ask the Clock or the Stopwatch",
    "time.sleep": "Clock.wait_until",
    "sleep": "Clock.wait_until",
    "uuid.uuid4": "identities are computed (kernel/ids.py)",
    "uuid4": "identities are computed (kernel/ids.py)",
}
NOT_A_REMARK = re.compile(r"#\s*(type:|noqa|pragma:|mypy:|ruff:|!/)")


def broken(names: Iterator[str]) -> str:
    return "\n".join(names)


def lengths() -> list[int]:
    return [
        body_length(function)
        for source in sources(*PRODUCT)
        for function in source.functions()
        if not is_stub(function)
    ]


def test_half_of_all_functions_have_at_most_seven_lines() -> None:
    assert median(lengths()) <= 7


def test_nine_of_ten_functions_have_at_most_25_lines() -> None:
    assert quantiles(lengths(), n=10)[-1] <= 25


def test_no_function_is_longer_than_the_limit() -> None:
    assert not broken(
        f"{source.name}:{function.lineno} {function.name} {body_length(function)} of {LONGEST_FUNCTION}"
        for source in sources(*EVERYTHING)
        for function in source.functions()
        if body_length(function) > LONGEST_FUNCTION
    )


def test_no_file_is_longer_than_the_limit() -> None:
    assert not broken(
        f"{source.name} has {len(source.lines)} lines, limit {LONGEST_FILE}"
        for source in sources(*EVERYTHING)
        if len(source.lines) > LONGEST_FILE
    )


def calls(source: Source) -> Iterator[tuple[ast.Call, str]]:
    return ((node, ast.unparse(node.func)) for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def inner_product() -> tuple[Source, ...]:
    return tuple(source for source in sources(*PRODUCT) if not source.name.startswith(OUTSIDE_WORLD))


def test_business_code_reads_no_machine_clock_and_makes_up_no_identity() -> None:
    assert not broken(
        f"{source.name}:{call.lineno} {name}(): {remedy}"
        for source in inner_product()
        for call, name in calls(source)
        for banned, remedy in BANNED_CALLS.items()
        if name == banned or name.endswith(f".{banned}")
    )


def test_business_code_throws_no_dice() -> None:
    assert not broken(
        f"{source.name}:{node.lineno} imports random: decisions are repeatable"
        for source in inner_product()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and "random" in imported(node)
    )


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]


def test_certificates_are_verified_outside_the_broker_adapter() -> None:
    assert not broken(
        f"{source.name}:{call.lineno} verify=False"
        for source in inner_product()
        for call, _ in calls(source)
        for keyword in call.keywords
        if keyword.arg == "verify"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is False
    )


def test_nothing_is_mocked() -> None:
    assert not broken(
        f"{source.name}:{node.lineno} use the shipped memory adapter, or a small real one"
        for source in sources(*EVERYTHING)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and is_mock(node)
    )


def is_mock(node: ast.Import | ast.ImportFrom) -> bool:
    names = {f"{module}.{alias.name}" for module in imported(node) for alias in node.names} | set(
        imported(node)
    )
    return any(name == "mock" or name.startswith(("unittest.mock", "pytest_mock")) for name in names)


def test_no_exception_is_swallowed() -> None:
    assert not broken(
        f"{source.name}:{handler.lineno} swallows what it catches"
        for source in sources(*EVERYTHING)
        for handler in ast.walk(source.tree)
        if isinstance(handler, ast.ExceptHandler) and does_nothing(handler.body)
    )


def does_nothing(body: list[ast.stmt]) -> bool:
    return all(isinstance(statement, ast.Pass) or ast.unparse(statement) == "..." for statement in body)


def test_nothing_is_suppressed_wholesale() -> None:
    assert not broken(
        f"{source.name}:{call.lineno} {ast.unparse(call)}: name the exception"
        for source in sources(*EVERYTHING)
        for call, name in calls(source)
        if name in {"suppress", "contextlib.suppress"}
        and {ast.unparse(argument) for argument in call.args} & {"Exception", "BaseException"}
    )


def test_our_own_package_is_imported_at_the_top_of_a_file() -> None:
    assert not broken(
        f"{source.name}:{node.lineno} hidden import of {module}"
        for source in sources(*PRODUCT)
        for function in source.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in imported(node)
        if module.split(".")[0] in {"glassdesk", "ibkr_simulator"}
    )


def remarks(source: Source) -> int:
    tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
    return sum(token.type == tokenize.COMMENT and not NOT_A_REMARK.match(token.string) for token in tokens)


def code_lines(source: Source) -> int:
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in source.lines)


def test_comments_are_few_enough_to_be_reasons() -> None:
    product = sources(*PRODUCT)
    per_hundred = 100 * sum(map(remarks, product)) / sum(map(code_lines, product))
    assert per_hundred <= 6, f"{per_hundred:.1f} comments per 100 lines of code"


LOCKS = [*ROOT.glob("requirements/*.txt"), ROOT / "package-lock.json", ROOT / "tools/package-lock.json"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_lock_names_an_address(lock: Path) -> None:
    assert "://" not in lock.read_text()


@pytest.mark.parametrize("name", ["uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock", "yarn.lock"])
def test_there_is_no_lock_of_a_kind_that_names_addresses(name: str) -> None:
    assert not (ROOT / name).exists()


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements/*.txt")), ids=lambda path: path.name)
def test_every_locked_package_has_a_hash(lock: Path) -> None:
    text = lock.read_text()
    pinned = re.findall(
        r"^[A-Za-z0-9].*?==.*?\\?$(?:\n    --hash=sha256:[0-9a-f]{64}.*)+", text, re.MULTILINE
    )
    assert len(pinned) == len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE))
