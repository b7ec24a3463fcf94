"""Many seeds of the order path on several cores: sums, floors, and what to say about a failing seed."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.chaos.dice import Fault, swarm
from tests.chaos.orders.environments import ENVIRONMENTS
from tests.chaos.orders.playing import play
from tests.chaos.shrink import replay_command, shrunk
from tests.chaos.tally import Tally, Violation

CHUNK = 10
LARGE = 500
"""From so many seeds on a campaign is asked for every cell and every invariant, too."""
LEAST_CELL, LEAST_EVALUATIONS = 30, 1000
CANARY = 1000
"""Seeds of E3 that must show that the harness sees anything."""
SAFE = ("E0", "E1", "E2")
Job = tuple[str, int, int]


def jobs_of(envs: Sequence[str], first: int, seeds: int) -> list[Job]:
    """Chunks of seeds, the environments in turn."""
    share, rest = divmod(seeds, len(envs))
    found = []
    for number, env in enumerate(envs):
        last = first + share + (number < rest)
        found += [(env, begin, min(begin + CHUNK, last)) for begin in range(first, last, CHUNK)]
    return sorted(found, key=lambda job: job[1])


def played(job: Job) -> Tally:
    """One chunk."""
    env, first, last = job
    tally = Tally()
    # A world is one big cycle: it is collected whole when it is over, and not looked through while it runs;
    # what was there before it stays out of the search.
    gc.freeze()
    gc.disable()
    for seed in range(first, last):
        tally.add(play(env, seed)[1])
        gc.collect()
    gc.enable()
    gc.unfreeze()
    return tally


def campaign(envs: Sequence[str], first: int, seeds: int, cores: int) -> Tally:
    """All seeds, and 1 % of them once more in other processes."""
    tally = Tally()
    for one in _pooled(jobs_of(envs, first, seeds), cores):
        tally.add(one)
    for name, again in _again(tally.hashes, cores).items():
        if again != tally.hashes[name]:
            env, seed = name.split("/")
            witness = f"trace {tally.hashes[name][:12]} and {again[:12]}"
            tally.violations.append(
                Violation(world="order path", env=env, seed=int(seed), invariant="I-49", witness=witness)
            )
            tally.failing[env] += 1
    tally.evaluations["I-49"] = len(tally.hashes)
    return tally


def _pooled(jobs: Sequence[Job], cores: int) -> Iterable[Tally]:
    if cores <= 1:
        yield from map(played, jobs)
        return
    # Fresh interpreters: each has other hash seeds, so an order that hangs on them shows.
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        yield from pool.map(played, jobs)


def _again(hashes: Collection[str], cores: int) -> dict[str, str]:
    jobs = [(env, int(seed), int(seed) + 1) for env, seed in (name.split("/") for name in hashes)]
    found: dict[str, str] = {}
    with ProcessPoolExecutor(max(cores, 1), mp_context=get_context("spawn")) as pool:
        for one in pool.map(played, jobs):
            found.update(one.hashes)
    return found


def shortfalls(tally: Tally) -> list[str]:
    """Why these seeds show too little, whatever they found."""
    played_ = max(tally.played, 1)
    found = []
    if tally.orders < played_:
        found.append(f"{tally.orders} broker orders in {played_} seeds: at least one each on average")
    if tally.crashes < 4 * played_:
        found.append(f"{tally.crashes} crashes in {played_} seeds: at least four each on average")
    if any(ENVIRONMENTS[env].late for env in tally.seeds) and played_ >= 50 and not tally.late_arrivals:
        found.append("no late arrival")
    if played_ >= LARGE:
        found += [f"{cell}: {hits} hits, {LEAST_CELL} asked for" for cell, hits in _thin(tally)]
        found += [
            f"{name}: evaluated {count} times, {LEAST_EVALUATIONS} asked for"
            for name, count in sorted(tally.evaluations.items())
            if name != "I-49" and count < LEAST_EVALUATIONS
        ]
    if tally.seeds["E3"] >= CANARY and not tally.failing["E3"]:
        found.append(f"{tally.seeds['E3']} seeds of E3 and none failed: the harness sees nothing")
    return found


def _thin(tally: Tally) -> list[tuple[str, int]]:
    return [(cell, tally.cells[cell]) for cell in REACHABLE if tally.cells[cell] < LEAST_CELL]


def unsafe(violation: Violation) -> bool:
    """E3 must fail; its violations are counted and are no failures of the campaign."""
    return violation.env == "E3"


def story(violation: Violation, *, small: bool) -> str:
    """A violation in three lines: what, how to play it again, and with which faults alone."""
    lines = [
        f"{violation.name} {violation.invariant}: {violation.witness}",
        f"  {replay_command(violation.env, violation.seed)}",
    ]
    if small:
        needed = needs(violation)
        lines.append(f"  it needs: {', '.join(needed) or 'no fault at all'}")
    return "\n".join(lines)


def needs(violation: Violation) -> list[str]:
    """The kinds of faults this violation needs."""
    env = ENVIRONMENTS[violation.env]
    kinds = [fault.value for fault in swarm(violation.seed, env.name, late=env.late).rates]

    def fails(off: Collection[str]) -> bool:
        _, tally = play(violation.env, violation.seed, without=off)
        return any(one.invariant == violation.invariant for one in tally.violations)

    return shrunk(kinds, fails)


def _cells() -> tuple[str, ...]:
    writes = ("place", "modify", "cancel")
    broken = (
        Fault.NOT_SENT,
        Fault.LOST_REQUEST,
        Fault.LOST_RESPONSE,
        Fault.LATE,
        Fault.FIVE_BEFORE,
        Fault.FIVE_AFTER,
        Fault.ODD_BODY,
    )
    places = (
        Fault.REFUSED,
        Fault.SAID_NO,
        Fault.DECLINED,
        Fault.QUESTION,
        Fault.HALF_LIVE,
        Fault.PARENT_ONLY,
    )
    reads = ("list", "trades", "status", "positions", "balances", "quotes")
    lists = (Fault.EMPTY_LIST, Fault.STALE_LIST, Fault.NO_FLAG, Fault.SHUFFLED)
    units = ("begin<", "begin>", "commit<", "commit>", "read<", "read>", "end<", "end>", "wait<", "wait>")
    calls = [f"orders.{verb}{edge}" for verb in writes for edge in "<>"]
    return (
        *(f"{fault} @ {step}" for fault in broken for step in writes),
        *(f"{fault} @ place" for fault in places),
        *(f"{fault} @ {step}" for fault in (Fault.READ_FAILED, Fault.SLOW) for step in reads),
        *(f"{fault} @ list" for fault in lists),
        *(f"{Fault.CRASH} @ {step}" for step in (*units, *calls)),
        f"{Fault.SHUFFLED} @ trades",
        f"{Fault.STATUS_GONE} @ status",
        f"{Fault.PARTIAL} @ working",
        f"{Fault.UNSOLICITED} @ working",
        f"{Fault.LATE_FILL} @ cancel",
        f"{Fault.CORRECTION} @ fill",
        f"{Fault.LATE_COMMISSION} @ fill",
        f"{Fault.SESSION_LOST} @ session",
        f"{Fault.FOREIGN} @ account",
        f"{Fault.CHANNEL_DOWN} @ channel",
    )


REACHABLE = _cells()
"""Every fault at every step where it can strike."""
