"""Damage to how facts and executions become states and shares."""

from tests.chaos.mutants.mutant import Mutant, one

FOLD = "workflow/order_tracking/fold.py"
TRACKING = "adapters/database/order_tracking.py"

MUTANTS = (
    Mutant(
        name="M6",
        what="the same execution read twice counts twice",
        changes=one(
            TRACKING,
            '        key = {"account": execution.account, "execution": execution.execution}\n',
            '        key = {"account": execution.account, "execution": execution.execution}\n'
            "        if not rows.insert_new(work, executions, {**rows.fields_of(execution), 'seen_at': seen_at}):\n"
            "            execution = type(execution)(**{\n"
            "                **rows.fields_of(execution), 'execution': execution.execution + f'#{seen_at.minute}'})\n"
            '            key = {"account": execution.account, "execution": execution.execution}\n',
        ),
        seen_by=("I-06", "I-07", "I-28"),
        stories=("entry_filled",),
    ),
    Mutant(
        name="M15",
        what="what is over is not looked at again: late arrivals are nobody's",
        changes=one(
            FOLD,
            "    if order.state is OrderState.FILLED:\n        return OrderState.FILLED\n",
            "    if order.state.final:\n        return order.state\n",
        ),
        seen_by=("I-05", "I-06", "I-07", "I-08", "ADOPT"),
        stories=("late_after_all",),
    ),
    Mutant(
        name="bust-as-a-fill",
        what="a correction of a fill is one more fill",
        changes=one(
            FOLD,
            "        key = (one.account, one.execution)\n        traded",
            "        key = (one.account, f'{one.execution}.{one.revision}')\n        traded",
        )
        + one(TRACKING, "    return _revisions().where(~newer.exists())\n", "    return _revisions()\n"),
        seen_by=("I-06", "I-07", "I-28", "FOLD"),
        stories=("corrected",),
    ),
    Mutant(
        name="cancelled-on-its-word",
        what="a cancelled order is over before its last fills are read",
        changes=one(FOLD, "    if word in ENDED and stated <= filled:\n", "    if word in ENDED:\n"),
        seen_by=("I-05", "I-06", "I-07", "I-08", "FOLD"),
        stories=("cancelled_before_its_fills",),
    ),
    Mutant(
        name="first-word-counts",
        what="what the broker said first about an order counts, not what it said last",
        changes=one(
            FOLD,
            "    return max(words, key=_age, default=None)\n",
            "    return min(words, key=_age, default=None)\n",
        ),
        seen_by=("I-05", "I-06", "I-07", "I-08", "I-50", "I-52", "I-53", "FOLD", "T-33"),
        stories=("entry_filled", "stopped"),
    ),
    Mutant(
        name="edits-not-adopted",
        what="what a person changes at the broker is not taken over",
        changes=one(
            "workflow/dealing/facts_part.py",
            "            ticket = edited(order.ticket, row)\n",
            "            ticket = order.ticket\n",
        ),
        seen_by=("I-41", "I-53", "I-05", "I-07"),
        stories=("stop_moved",),
    ),
    Mutant(
        name="silent-move",
        what="an order changes its state and the audit is not told",
        changes=one(
            "workflow/orders/service.py",
            "            if at.state is not moved.state:\n",
            "            if False:\n",
        ),
        seen_by=("I-38",),
        stories=("entry_filled",),
    ),
    Mutant(
        name="break-not-told",
        what="a difference with the broker is noted nowhere",
        changes=one(
            "workflow/positions/service.py",
            "        opened = tuple(self._open(t, one) for conid, one in now.items() if conid not in before)\n",
            "        opened: tuple[Break, ...] = ()\n",
        ),
        seen_by=("I-07", "I-33"),
        stories=("split",),
    ),
    Mutant(
        name="M13",
        what="a notification is marked as sent before it is",
        changes=one(
            "workflow/notifications/dispatching.py",
            "        outcomes = [(one, _sent(one)) for one in tries]\n",
            "        with self._transactions.begin() as t:\n"
            "            for one in tries:\n"
            "                self._outbox.put_delivery(t, self._noted(one, None))\n"
            "            self._settle(t, only)\n"
            "        outcomes = [(one, _sent(one)) for one in tries]\n",
        ),
        seen_by=("I-40",),
        stories=("told_and_died",),
    ),
)
