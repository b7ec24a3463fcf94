"""Runs the pure steps of a run again from what is stored, for `lineage --verify` (`design.md` §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from glassdesk.kernel.canonical import canonical_text, decode_text
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.workflow.charts.model import Chart
from glassdesk.workflow.charts.service import Charts as Drawing
from glassdesk.workflow.indicators.model import IndicatorValues
from glassdesk.workflow.indicators.service import Indicators
from glassdesk.workflow.lineage.model import Node
from glassdesk.workflow.lineage.ports import ArtifactStore
from glassdesk.workflow.lineage.service import Recompute
from glassdesk.workflow.market_data.model import BarSet
from glassdesk.workflow.risk.in_force import require_of
from glassdesk.workflow.risk.model import Judged, Verdict
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.runs.outputs import Asked, Bars, Charts, Preflight
from glassdesk.workflow.signals.conditions.model import Screening
from glassdesk.workflow.signals.conditions.screening import screen
from glassdesk.workflow.signals.model import Question, RawAnswer, Signal
from glassdesk.workflow.signals.service import Signals
from glassdesk.workflow.strategies.model import Strategy

Value = TypeVar("Value")
Nodes = Mapping[str, Node]


class Recomputer:
    """Each method answers the canonical text that its step gives today, or `None` where a parent is
    missing."""

    def __init__(
        self, indicators: Indicators, charts: Drawing, signals: Signals, risk: Risk, artifacts: ArtifactStore
    ) -> None:
        self._indicators = indicators
        self._charts = charts
        self._signals = signals
        self._risk = risk
        self._artifacts = artifacts

    def table(self) -> dict[str, Recompute]:
        """Node kind → its pure step."""
        return {
            "indicators": self.indicators,
            "conditions": self.conditions,
            "charts": self.charts,
            "signal": self.signal,
            "verdicts": self.verdicts,
            "send_verdicts": self.verdicts,
        }

    def indicators(self, node: Node, nodes: Nodes) -> str | None:
        """From the bars and the strategy's set."""
        bars, strategy = _read(Bars, "bars", node, nodes), _strategy(nodes)
        if bars is None or strategy is None:
            return None
        return canonical_text(self._indicators.compute(strategy.indicators, bars.daily.bars))

    def conditions(self, node: Node, nodes: Nodes) -> str | None:
        """Every statement on the stored bars again; that it was held is taken from what is stored."""
        bars, strategy = _read(Bars, "bars", node, nodes), _strategy(nodes)
        values = _read(IndicatorValues, "indicators", node, nodes)
        if bars is None or strategy is None or values is None or strategy.conditions is None:
            return None
        holding = decode_text(Screening, node.content).holding
        again = screen(
            strategy.conditions, bars.daily, values, bars.longer, strategy.indicators, holding=holding
        )
        return canonical_text(again)

    def charts(self, node: Node, nodes: Nodes) -> str | None:
        """Drawn again, to the pixel."""
        bars, strategy = _read(Bars, "bars", node, nodes), _strategy(nodes)
        flight = _read(Preflight, "preflight", node, nodes)
        values = _read(IndicatorValues, "indicators", node, nodes)
        if bars is None or strategy is None or flight is None or values is None:
            return None
        again = Charts(
            decision=self._draw(strategy, flight, bars.daily, values),
            weekly=self._longer(strategy, flight, bars.weekly),
            monthly=self._longer(strategy, flight, bars.monthly),
        )
        stored = decode_text(Charts, node.content)
        return canonical_text(
            Charts(
                decision=self._packed_as(again.decision, stored.decision),
                weekly=again.weekly and self._packed_as(again.weekly, stored.weekly),
                monthly=again.monthly and self._packed_as(again.monthly, stored.monthly),
            )
        )

    def _packed_as(self, again: Chart, stored: Chart | None) -> Chart:
        """The picture under the hash of its stored file, where that shows the same pixels: another processor
        or another program may pack them otherwise."""
        if stored is None or again.png_sha256 == stored.png_sha256:
            return again
        shown = self._charts.pixels_sha256(self._artifacts.get(stored.png_sha256))
        return replace(again, png_sha256=stored.png_sha256) if shown == again.pixels_sha256 else again

    def _longer(self, strategy: Strategy, flight: Preflight, bar_set: BarSet | None) -> Chart | None:
        if bar_set is None or not bar_set.bars:
            return None
        values = self._indicators.compute(strategy.indicators, bar_set.bars)
        return self._draw(strategy, flight, bar_set, values)

    def _draw(self, strategy: Strategy, flight: Preflight, bar_set: BarSet, values: IndicatorValues) -> Chart:
        spec, contract, running = strategy.chart, flight.contract, bar_set.so_far
        picture = self._charts.draw(spec, contract, bar_set, values, (), zone=flight.zone, running=running)
        return picture.chart

    def signal(self, node: Node, nodes: Nodes) -> str | None:
        """The stored answer, judged again."""
        raw, asked = _read(RawAnswer, "answer", node, nodes), _read(Asked, "question", node, nodes)
        strategy = _strategy(nodes)
        if raw is None or asked is None or strategy is None:
            return None
        question = Question(
            run=node.entity,
            facts=asked.facts,
            policy=strategy.policy,
            system=asked.rendered.system,
            user=asked.rendered.user,
            images=tuple(self._artifacts.get(sha256) for sha256 in asked.images),
        )
        again = replace(self._signals.judge(raw, question), run="")
        # what a program that is older could not say yet is no difference
        return node.content if again == decode_text(Signal, node.content) else canonical_text(again)

    def verdicts(self, node: Node, nodes: Nodes) -> str | None:
        """Every rule on the stored numbers again, and the sizing (I-20). Raises `IntegrityViolation` naming
        the first rule that says something else."""
        judged, strategy = decode_text(Judged, node.content), _strategy(nodes)
        limits = judged.limits
        if strategy is not None:
            limits = limits or strategy.limits
            require_of(strategy.limits, limits)
        if limits is None:
            return None
        sizing = judged.sizing and self._risk.size(judged.proposal, judged.exposure, limits)
        again = self._risk.assess(judged.proposal, judged.exposure, judged.gates, limits)
        _require_same(judged.verdicts, again.verdicts)
        same = replace(judged, sizing=sizing, verdicts=again.verdicts)
        return node.content if same == judged else canonical_text(same)


def _read(kind: type[Value], name: str, node: Node, nodes: Nodes) -> Value | None:
    found = nodes.get(f"{name}:{node.entity}")
    return decode_text(kind, found.content) if found else None


def _require_same(given: Sequence[Verdict], again: Sequence[Verdict]) -> None:
    if [one.rule for one in given] != [one.rule for one in again]:
        missing = {one.rule for one in again} ^ {one.rule for one in given}
        raise IntegrityViolation(f"another set of rules was asked: {', '.join(sorted(missing))}")
    for old, new in zip(given, again, strict=True):
        if old != new:
            raise IntegrityViolation(
                f"{old.rule} said {_said(old)} of its stored numbers, today it says {_said(new)}"
            )


def _said(one: Verdict) -> str:
    return f"{'yes' if one.passed else 'no'} ({one.observed}, the limit is {one.limit})"


def _strategy(nodes: Nodes) -> Strategy | None:
    found = next((node for node in nodes.values() if node.kind == "strategy"), None)
    return decode_text(Strategy, found.content) if found else None
