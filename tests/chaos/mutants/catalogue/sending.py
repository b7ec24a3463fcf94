"""Damage to how orders are sent: what is written down before, and what an answer means."""

from tests.chaos.mutants.mutant import Change, Mutant, one

WRITES = "workflow/dealing/writes.py"
SUBMIT = "workflow/dealing/submit.py"
TURN = "workflow/dealing/turn.py"

MUTANTS = (
    Mutant(
        name="M1",
        what="the order is sent before the commit that says so",
        changes=(
            Change(
                file=WRITES,
                before="        return Sending(legs=moved, number=number, not_after=now + NOT_AFTER)\n",
                after="        self._early = self._parts.broker.orders.place([leg.ticket for leg in moved])\n"
                "        return Sending(legs=moved, number=number, not_after=now + NOT_AFTER)\n",
            ),
            Change(
                file=WRITES,
                before="        outcome = self._late(reign, sending.not_after) or self._parts.broker.orders.place(\n"
                "            [leg.ticket for leg in sending.legs]\n"
                "        )\n",
                after="        outcome = self._early\n",
            ),
        ),
        seen_by=("I-01", "I-03", "I-04", "I-05", "I-07"),
    ),
    Mutant(
        name="M2",
        what="every attempt has a new client order id",
        changes=one(
            WRITES,
            "            [leg.ticket for leg in sending.legs]\n",
            "            [replace(leg.ticket, coid=f'{leg.coid[:-2]}{sending.number:02d}') for leg in sending.legs]\n",
        ),
        seen_by=("I-01", "I-03", "I-41"),
    ),
    Mutant(
        name="M3",
        what="no answer means rejected",
        changes=one(
            WRITES,
            "    OutcomeKind.UNKNOWN: OrderState.UNKNOWN,\n",
            "    OutcomeKind.UNKNOWN: OrderState.REJECTED,\n",
        ),
        seen_by=("I-05",),
    ),
    Mutant(
        name="M4",
        what="no answer is answered by a second order with another id",
        changes=one(
            WRITES,
            "            [leg.ticket for leg in sending.legs]\n        )\n",
            "            [leg.ticket for leg in sending.legs]\n        )\n"
            "        if outcome.kind is OutcomeKind.UNKNOWN:\n"
            "            outcome = self._parts.broker.orders.place(\n"
            "                [replace(leg.ticket, coid=leg.coid[:-2] + 'zz', parent_coid=None) for leg in sending.legs[:1]]\n"
            "            )\n",
        ),
        seen_by=("I-01", "I-03", "I-07"),
    ),
    Mutant(
        name="reopened-by-a-restart",
        what="a new reign takes open sends for never begun and queues them again",
        changes=one(
            TURN,
            "            after = replace(order, state=OrderState.UNKNOWN, note=stopped.text)\n",
            "            after = replace(order, state=OrderState.RESERVED, note=stopped.text)\n"
            "            rows.set_intent(t, order.intent, self._queued, at=now)\n",
        )
        + one(
            TURN,
            "        self._reign: Reign | None = None\n",
            "        self._reign: Reign | None = None\n"
            "        from glassdesk.workflow.orders.model import IntentState\n"
            "        self._queued = IntentState.QUEUED\n",
        ),
        seen_by=("I-01", "I-05", "I-09", "I-41", "I-51", "I-52"),
        where=("E2",),
    ),
    Mutant(
        name="open-sends-stay-open",
        what="what the last reign left half sent stays SENDING",
        changes=one(
            TURN,
            "        for order in rows.orders(t, states=[OrderState.SENDING]):\n",
            "        for order in ():\n",
        ),
        seen_by=("I-52", "I-05", "I-50"),
    ),
    Mutant(
        name="another-payload",
        what="a repeated send is priced anew, and nothing compares the payloads",
        changes=one(SUBMIT, "if self._went_out(t, legs[0]) else", "if False else")
        + one(WRITES, "        self._same_payload(t, legs)\n", ""),
        seen_by=("I-41",),
    ),
    Mutant(
        name="late-send",
        what="a send that was held up goes out whenever the process wakes",
        changes=one(
            WRITES,
            "        outcome = self._late(reign, sending.not_after) or self._parts.broker.orders.place(\n",
            "        outcome = self._parts.broker.orders.place(\n",
        ),
        seen_by=("I-13", "I-19", "I-22", "I-26", "I-04", "I-09", "I-05", "I-23"),
    ),
    Mutant(
        name="M9",
        what="no fence: whoever lost the lease goes on writing",
        changes=one(
            "adapters/database/orders.py",
            "        if lease is not None:\n            mine.append(held(lease))\n",
            "",
        )
        + one(
            WRITES,
            "        if lease is None or lease.fence != reign.lease.fence:\n",
            "        if lease is None:\n            return\n        if lease.fence != reign.lease.fence:\n",
        ),
        seen_by=("I-13",),
    ),
    Mutant(
        name="window-closed",
        what="an entry is sent after its window",
        changes=one(SUBMIT, "        if now >= intent.window_closes:\n", "        if False:\n"),
        seen_by=("I-19", "I-23"),
    ),
    Mutant(
        name="halt-not-asked-again",
        what="the kill switch is looked at when a decision is made, and not when it is sent",
        changes=one(
            "workflow/risk/halt.py",
            "    return level < HaltLevel.REDUCE_ONLY\n",
            "    return level <= HaltLevel.FREEZE\n",
        ),
        seen_by=("I-26",),
    ),
    Mutant(
        name="not-reconciled",
        what="orders go out in a session that was never compared with the broker",
        changes=one(
            "workflow/dealing/reign.py",
            "        return self.ready and self.reconciled_epoch == self.epoch\n",
            "        return self.ready\n",
        ),
        seen_by=("I-22",),
    ),
)
