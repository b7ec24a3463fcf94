"""Damage to stops, targets, exits, and what may be sold."""

from tests.chaos.mutants.mutant import Mutant, one

PROTECT = "workflow/dealing/protect.py"
REMEDY = "workflow/dealing/remedy.py"
EXITS = "workflow/dealing/exits.py"
PROTECTION = "workflow/positions/protection.py"
SHARES_NOT_COUNTED = one(
    "workflow/dealing/shares.py",
    "        for conid in sorted({order.conid for order in alive if order.ticket.side is Side.SELL}):\n",
    "        for conid in ():\n",
)
"""The second defence [T-35, T-36]: what promises more than is held shrinks. Where it stands, the first one is
missed by nobody."""

MUTANTS = (
    Mutant(
        name="absence-is-gone",
        what="a stop that this session has not listed yet is gone [T-32]",
        changes=one(
            PROTECTION,
            "        return ProtectionState.LIVE if fresh else ProtectionState.UNVERIFIED\n",
            "        return ProtectionState.LIVE if fresh else ProtectionState.GONE\n",
        )
        + one(REMEDY, '            return "a stop may live"\n', "            pass\n")
        + one(REMEDY, "        return min(case.view.quantity, free)\n", "        return case.view.quantity\n")
        + SHARES_NOT_COUNTED,
        seen_by=("I-53", "I-21", "I-42"),
        stories=("stop_not_listed",),
    ),
    Mutant(
        name="children-stay-large",
        what="children keep the ordered quantity when the entry ends with less [T-23]",
        changes=one(
            PROTECT,
            "            if child.ticket.quantity > most and not self._asked_lately(child):\n",
            "            if child.ticket.quantity > most * 100 and not self._asked_lately(child):\n",
        )
        + SHARES_NOT_COUNTED,
        seen_by=("I-53", "I-21", "I-42"),
        stories=("partly_filled",),
    ),
    Mutant(
        name="children-of-nothing",
        what="children whose shares are gone are left alone",
        changes=one(
            PROTECT,
            "        elif one.entry.filled == 0 or one.held <= 0:\n",
            "        elif one.entry.filled == 0 or one.held <= 0:\n            return\n",
        )
        + SHARES_NOT_COUNTED,
        seen_by=("I-53", "I-21", "I-42", "I-50"),
        stories=("hand_sale",),
    ),
    Mutant(
        name="rest-beside-full-children",
        what="an entry works on while its children would sell more than was bought so far [T-36]",
        changes=one(
            PROTECT,
            '        if self._parts.board.switches.children == "scaled" and covered >= one.entry.filled:\n',
            "        if covered >= one.entry.filled:\n",
        ),
        seen_by=("I-42",),
        stories=("target_hit_half_bought",),
    ),
    Mutant(
        name="asks-for-ever",
        what="a target that the broker asks about is made smaller in vain, again and again [T-35, T-59]",
        changes=one(
            "workflow/dealing/shrinking.py",
            "                self._parts.market_data.quotes([order.conid])\n",
            "                pass\n",
        )
        + one("workflow/dealing/shrinking.py", "TRIES = 2\n", "TRIES = 10_000\n"),
        seen_by=("I-21",),
        stories=("target_asked_about",),
    ),
    Mutant(
        name="entry-goes-on-buying",
        what="nothing ends the rest of an entry: not a child's fill, not the loss of its stop [T-23]",
        changes=one(
            PROTECT,
            "        if one.entry.state not in _MOVABLE or self._asked_lately(one.entry):\n",
            "        if one.entry.state:\n",
        ),
        seen_by=("T-23", "I-53", "T-33", "I-21", "I-07"),
        stories=("stopped_half_bought",),
    ),
    Mutant(
        name="same-remedy-id",
        what="a second stop goes out under the first one's client order id",
        changes=one(
            REMEDY,
            "        order = replace(plain, ticket=replace(plain.ticket, parent_coid=None))\n",
            "        order = replace(\n"
            "            plain, ticket=replace(plain.ticket, parent_coid=None, coid=case.last.ticket.coid)\n"
            "        )\n",
        ),
        seen_by=("I-01", "I-41"),
        stories=("stop_cancelled",),
    ),
    Mutant(
        name="remedy-beside-sells",
        what="a new stop is placed while a target still sells the same shares",
        changes=one(REMEDY, "        return not case.sells\n", "        return True\n")
        + one(REMEDY, "        return min(case.view.quantity, free)\n", "        return case.view.quantity\n")
        + SHARES_NOT_COUNTED,
        seen_by=("I-21", "I-53", "I-42"),
        stories=("stop_cancelled_beside_target",),
    ),
    Mutant(
        name="unprotected-untold",
        what="shares without a live stop are nobody's alarm, and a stop that is over is not told [T-33]",
        changes=one(
            PROTECT,
            "            if now - since < ALARM_AFTER:\n",
            "            if now - since < ALARM_AFTER * 10_000:\n",
        )
        + one(
            REMEDY,
            "            self._telling.stop_over(t, case.last, case.view.symbol, what)\n",
            "            pass\n",
        ),
        seen_by=("T-33",),
        stories=("stop_cancelled_by_hand",),
    ),
    Mutant(
        name="ladder-not-frozen",
        what="an exit climbs on although nobody knows whether its last step arrived [T-41]",
        changes=one(
            EXITS,
            "        if made and not self._settled(reign, leaving, sell, made[-1]):\n",
            "        if False:\n",
        ),
        seen_by=("I-41", "I-21", "I-42"),
        stories=("change_unanswered",),
    ),
    Mutant(
        name="owners-shares",
        what="an exit sells whatever the account holds of the contract",
        changes=one(
            EXITS,
            "            left=sum(mine, ZERO),\n",
            "            left=sum(mine, ZERO) * 2,\n",
        )
        + one(
            EXITS,
            "        return max(ZERO, min(leaving.left, at_broker))\n",
            "        return leaving.left\n",
        ),
        seen_by=("I-21", "I-42", "I-53", "I-07"),
        stories=("exit_by_signal",),
    ),
    Mutant(
        name="sells-beside-its-legs",
        what="an exit places its own sell while stop and target still live",
        changes=one(EXITS, "        if not leaving.legs:\n", "        if leaving.legs is not None:\n"),
        seen_by=("I-21", "I-42", "I-53"),
        stories=("exit_not_movable",),
    ),
    Mutant(
        name="halt-takes-stops",
        what="the red button cancels stops along with entries [T-50]",
        changes=one(
            "workflow/dealing/entries.py",
            "        if order.role is not Role.ENTRY or order.of_probe or not halt.may_protect(level):\n",
            "        if halt.cancels_entries(level):\n"
            "            return f'the kill switch says {level.name}'\n"
            "        if order.role is not Role.ENTRY or order.of_probe or not halt.may_protect(level):\n",
        ),
        seen_by=("I-26", "T-33"),
        stories=("red_button",),
    ),
    Mutant(
        name="entries-never-end",
        what="an entry works on when its time is over",
        changes=one(
            "workflow/dealing/entries.py",
            "            if reason and reign.ready and not self._asked(reign, order):\n",
            "            if reason and reign.may_send and self._asked(reign, order):\n",
        ),
        seen_by=("T-21", "I-50"),
        stories=("partly_filled", "red_button"),
    ),
)
