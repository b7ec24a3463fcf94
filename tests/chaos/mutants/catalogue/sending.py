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
        stories=("entry_filled",),
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
        stories=("never_arrived",),
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
        stories=("answer_lost",),
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
        stories=("answer_lost",),
    ),
    Mutant(
        name="M11",
        what="the answer to a reply is not understood, and the order is sent again under another id",
        changes=one(
            "adapters/ibkr/orders.py",
            "                return Conversation(chain, tickets, self._reference).hold(request)\n",
            "                outcome = Conversation(chain, tickets, self._reference).hold(request)\n"
            "            if not outcome.questions or not isinstance(request.body, dict):\n"
            "                return outcome\n"
            "            for leg in request.body.get('orders', ()):\n"
            "                leg.update({k: leg[k][:-2] + 'zz' for k in ('cOID', 'parentId') if k in leg})\n"
            "            with self._gate.exclusive(_CHAIN) as chain:\n"
            "                return Conversation(chain, tickets, self._reference).hold(request)\n",
        ),
        seen_by=("I-01", "I-03", "I-07"),
        stories=("entry_filled",),
        where=(),
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
        stories=("died_mid_send",),
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
        stories=("died_mid_send",),
    ),
    Mutant(
        name="another-payload",
        what="a repeated send is priced anew, and nothing compares the payloads",
        changes=one(SUBMIT, "if self._went_out(t, legs[0]) else", "if False else")
        + one(WRITES, "        self._same_payload(t, legs)\n", ""),
        seen_by=("I-41",),
        stories=("session_lost_mid_send", "never_arrived"),
    ),
    Mutant(
        name="late-send",
        what="a send that was held up goes out whenever the process wakes",
        changes=one(
            WRITES,
            "        outcome = self._late(reign, sending.not_after) or self._parts.broker.orders.place(\n",
            "        outcome = self._parts.broker.orders.place(\n",
        ),
        seen_by=("NOT-AFTER", "I-13", "I-19", "I-22", "I-26", "I-23"),
        stories=("held_up",),
    ),
    Mutant(
        name="M9",
        what="no fence: whoever lost the lease goes on writing",
        changes=one(
            "adapters/database/orders.py",
            "        if work.execute(_moved(lease is not None), {**changes, **wanted}).rowcount == 0:\n",
            "        wanted = {key: wanted[key] for key in ('wanted', 'was')}\n"
            "        if work.execute(_moved(False), {**changes, **wanted}).rowcount == 0:\n",
        )
        + one(
            WRITES,
            "        if lease is None or lease.fence != reign.lease.fence:\n",
            "        if lease is None:\n            return\n        if lease.fence != reign.lease.fence:\n",
        ),
        seen_by=("I-13",),
        stories=("held_up_long",),
    ),
    Mutant(
        name="window-closed",
        what="an entry is sent after its window",
        changes=(
            *one(SUBMIT, "        if now >= intent.window_closes:\n", "        if False:\n"),
            *one(SUBMIT, " or self._parts.now() >= one.intent.window_closes:\n", ":\n"),
        ),
        seen_by=("I-19", "I-23"),
        stories=("window_passed",),
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
        stories=("halted_before",),
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
        stories=("list_not_whole",),
    ),
)
