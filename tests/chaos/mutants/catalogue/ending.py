"""Damage to how orders come to their end, and to what waits for requests that may still arrive."""

from tests.chaos.mutants.mutant import Mutant, one

CANCELS = "workflow/dealing/cancels.py"

MUTANTS = (
    Mutant(
        name="late-arrival-allowed",
        what="an entry goes out beside another one that was given up and may still arrive",
        changes=one(
            "workflow/portfolio/service.py",
            "        return frozenset(o.conid for o in silent if late.may_arrive(self._orders.sends(t, o.order)))\n",
            "        return frozenset(o.conid for o in silent[:0])\n",
        ),
        seen_by=("I-43",),
        stories=("arrives_beside_another",),
    ),
    Mutant(
        name="sell-given-up",
        what="a sell that a person cancels before it goes out again frees its shares, though it may arrive",
        changes=one(
            "workflow/orders/late.py",
            "    return alone and order.state is OrderState.RESERVED and may_arrive(sends)\n",
            "    return alone and order.state is OrderState.RESERVED and not may_arrive(sends)\n",
        ),
        seen_by=("I-42", "I-21"),
        stories=("sold_twice",),
    ),
    Mutant(
        name="cancel-forgotten",
        what="a cancel that was lost is asked for once, and nobody looks again",
        changes=one(
            CANCELS,
            "            self._tell(reign, one, now)\n",
            "            continue\n",
        ),
        seen_by=("I-50", "I-53"),
        stories=("cancel_lost",),
    ),
    Mutant(
        name="reading-holds-up-all",
        what="positions that cannot be read cut every pass before stops, exits and the ends of entries",
        changes=one(
            "workflow/dealing/reconcile.py",
            "            reign.stale, reign.held_up = True, failure\n",
            "            raise\n",
        ),
        seen_by=("I-53", "T-33", "T-21", "I-50"),
        stories=("positions_unreadable",),
    ),
)
