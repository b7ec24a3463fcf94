"""The bundle as a file: canonical JSON under the hash of its content. The hash shows damage and careless
edits; it is no signature, and whoever can write the file can seal another."""

from __future__ import annotations

import json

from glassdesk.kernel.canonical import decode, digest, plain
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.real_money.model import Bundle, Sealed

FORM = 1
_HEAD = "glassdesk_live_bundle"


def written(bundle: Bundle) -> str:
    """The file of a bundle."""
    content = plain(bundle)
    whole = {_HEAD: FORM, "sha256": digest(content), "content": content}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read(text: str, file: str) -> Sealed:
    """What `written` wrote. Raises `InvalidInput` for what is no bundle, of another form, or was changed."""
    try:
        whole = json.loads(text)
    except ValueError as failure:
        raise _none(file) from failure
    if not isinstance(whole, dict) or set(whole) != {_HEAD, "sha256", "content"}:
        raise _none(file)
    if whole[_HEAD] != FORM:
        remedy = "make it with this version of the program"
        raise InvalidInput(f"it is of form {str(whole[_HEAD])!r:.20}", where=file, remedy=remedy)
    try:
        changed = digest(whole["content"]) != whole["sha256"]
    except TypeError as failure:
        raise _none(file) from failure
    if changed:
        problem = "it was changed after it was made: its hash does not fit"
        raise InvalidInput(problem, where=file, remedy="make it again on the paper home")
    try:
        return Sealed(bundle=decode(Bundle, whole["content"]), sha256=whole["sha256"])
    except (TypeError, ValueError, KeyError, ArithmeticError) as failure:
        raise _none(file) from failure


def _none(file: str) -> InvalidInput:
    remedy = "`glassdesk live check --write FILE` on the paper home makes one"
    return InvalidInput("this is no live bundle", where=file, remedy=remedy)
