"""States in a person's words, and the tone each is shown in: ok, busy, warn, bad, or quiet."""

from __future__ import annotations

_TONES = {
    "ok": """ready active enabled reserved run filled done sent live BUY working passed agrees
        protected accepted unlocked""",
    "busy": """due running decided queued sending partial cancel_requested awaiting_approval half_ready
        two_factor info paper exit""",
    "warn": """closing paused skipped_overlap warning pause_entries reduce_only no_bridge resetting blocked
        missed machine_asleep unverified SELL downgrade flag expired denied not_sent locked""",
    "bad": """unreachable signed_out competing failed quarantined unknown needs_operator rejected alarm halt
        halt_cancel_entries flatten freeze gone none unprotected abstain reject""",
}
_TONE = {word: tone for tone, words in _TONES.items() for word in words.split()}

_WORDS = {
    "machine_asleep": "machine asleep",
    "signed_out": "signed out",
    "two_factor": "second factor pending",
    "unreachable": "gateway unreachable",
    "no_bridge": "no brokerage session",
    "half_ready": "loading accounts",
    "competing": "username in use elsewhere",
    "resetting": "broker is resetting",
    "halt_cancel_entries": "halt, entries cancelled",
    "active": "trading",
    "pause_entries": "entries paused",
    "reduce_only": "reduce only",
    "no_trade": "no trade",
    "run": "ran",
}


def tone_of(value: object) -> str:
    """The tone of a state's word; `quiet` for what needs no attention."""
    text = str(getattr(value, "value", value))
    return _TONE.get(text, _TONE.get(text.lower(), "quiet"))


def said(value: object) -> str:
    """`needs_operator` → `needs operator`."""
    text = str(getattr(value, "value", value))
    return _WORDS.get(text.lower(), text.replace("_", " "))
