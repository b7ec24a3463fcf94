"""Which prompts a list shows. There are dozens, not thousands: all are read, and looked through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts.bundle import kind_of
from glassdesk.workflow.prompts.model import Card, Kind, Move, Prompt, PromptVersion, Search
from glassdesk.workflow.prompts.pointers import check_label, pointers
from glassdesk.workflow.prompts.ports import PromptStore


def cards(store: PromptStore, t: Transaction, search: Search) -> Sequence[Card]:
    """The prompts asked for, by name. Raises `InvalidInput` for a kind or label that does not exist."""
    if search.kind:
        kind_of(search.kind)
    if search.label:
        check_label(search.label)
    newest = {one.name: one for one in store.newest(t)}
    heads = {one.name: one for one in store.prompts(t)}
    moves: dict[str, list[Move]] = {}
    for move in store.moves(t):
        moves.setdefault(move.name, []).append(move)
    made = [_card(heads.get(name), one, moves.get(name, []), newest) for name, one in newest.items()]
    return [card for card in made if _wanted(card, search)]


def is_stale(prompt: Prompt, version: PromptVersion, original: PromptVersion | None) -> bool:
    """True for a translation that says another text than its original's newest."""
    return bool(prompt.translation_of) and original is not None and version.translates != original.sha256


def _card(
    prompt: Prompt | None, newest: PromptVersion, moves: list[Move], all_newest: Mapping[str, PromptVersion]
) -> Card:
    head = prompt or Prompt(name=newest.name, kind=Kind.COMBINED)
    there = pointers(moves)
    return Card(
        prompt=head,
        newest=newest,
        labels={label: number for (scope, label), number in there.items() if not scope},
        scoped={key: number for key, number in there.items() if key[0]},
        stale=is_stale(head, newest, all_newest.get(head.translation_of)),
    )


def _wanted(card: Card, search: Search) -> bool:
    prompt, newest = card.prompt, card.newest
    label = not search.label or search.label in {*card.labels, *(label for _, label in card.scoped)}
    exact = ((search.kind, prompt.kind.value), (search.language, newest.language))
    return (
        label
        and (prompt.archived_at is not None) == search.archived
        and all(not wanted or wanted == there for wanted, there in exact)
        and (not search.tag or search.tag in prompt.tags)
        and search.text.lower() in _whole(card)
    )


def _whole(card: Card) -> str:
    prompt, newest = card.prompt, card.newest
    parts = (prompt.name, *prompt.tags, prompt.notes, newest.message, newest.system, newest.body)
    return "\n".join(parts).lower()
