"""Damage to what decides: slots, runs, answers and a person's yes."""

from tests.chaos.mutants.mutant import Mutant, one

SCHEDULES = "workflow/schedules/opening.py"
PIPELINE = "workflow/runs/pipeline.py"
SUBMIT = "workflow/dealing/submit.py"

MUTANTS = (
    Mutant(
        name="M7",
        what="nothing is unique about a strategy's slot: whoever ticks makes its runs",
        changes=one(
            SCHEDULES,
            "        if not self._parts.store.add(t, slot):\n            return []\n",
            "        self._parts.store.add(t, slot)\n",
        )
        + one(
            SCHEDULES,
            "        since = self._parts.store.watermark(t, row.strategy.name) or row.created_at\n",
            "        since = row.created_at\n",
        )
        + one(
            SCHEDULES,
            "        wanted = [one for one in traded.contracts if one.conid not in busy]\n",
            "        wanted, busy = list(traded.contracts), {}\n",
        )
        + one(
            SCHEDULES,
            "            run=run_id(self._parts.deployment, strategy.name, instant, one.conid),\n",
            "            run=run_id(f'{self._parts.deployment}{id(self)}', strategy.name, instant, one.conid),\n",
        ),
        seen_by=("I-10",),
        stories=("two_tickers",),
        where=(),
    ),
    Mutant(
        name="M8",
        what="after a death the model is asked again, and its other answer counts",
        changes=one(
            PIPELINE,
            "            if getattr(moment.story, name) is None:\n",
            "            if getattr(moment.story, name) is None or name in ('answer', 'signal'):\n",
        )
        + one(
            "adapters/database/runs.py",
            "        if not rows.insert_new(work, run_steps, rows.fields_of(step)):\n"
            '            raise Conflict(f"run {step.run} has its step {step.name} already")\n',
            "        rows.insert_new(work, run_steps, rows.fields_of(step))\n",
        )
        + one(
            "adapters/database/signals.py",
            "        if not rows.insert_new(unit(t), signals, stored):\n"
            '            raise Conflict(f"run {row.signal.run} has its signal already")\n',
            "        rows.insert_new(unit(t), signals, stored)\n",
        ),
        seen_by=("I-14", "I-17", "I-01"),
        stories=("died_after_the_answer",),
        where=(),
    ),
    Mutant(
        name="approval-not-bound",
        what="the entry is priced above what was approved, and nobody compares it with the yes",
        changes=one(
            "workflow/orders/approval.py",
            "    if approval.payload_sha256 != payload(intents, {leg.intent: leg for leg in legs}):\n",
            "    if intents:\n        return ''\n"
            "    if approval.payload_sha256 != payload(intents, {leg.intent: leg for leg in legs}):\n",
        )
        + one(
            SUBMIT,
            "        said = at_send(t, self._parts.orders, self._parts.strategies, one.intent, legs)\n",
            "        dearer = (legs[0].ticket.price or 0) + 200 * one.terms.tick\n"
            "        legs = (repriced(legs[0], price=dearer), *legs[1:])\n"
            "        said = at_send(t, self._parts.orders, self._parts.strategies, one.intent, legs)\n",
        ),
        seen_by=("I-26",),
        stories=("said_yes",),
    ),
    Mutant(
        name="approval-not-awaited",
        what="what waits for a person goes out all the same",
        changes=one(
            SUBMIT,
            "        if terms is None or state is not IntentState.QUEUED:\n",
            "        if terms is None:\n",
        )
        + one(
            SUBMIT,
            "        if found is None or found[1] is not IntentState.QUEUED or parent is None:\n",
            "        if found is None or parent is None:\n",
        ),
        seen_by=("I-26",),
        stories=("nobody_said_yes",),
    ),
)
