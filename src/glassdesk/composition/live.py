"""The gate of a live account, and the road to it (`T-61`)."""

from __future__ import annotations

from collections.abc import Callable

from glassdesk import __version__
from glassdesk.adapters.bundles import dump_strategy, load_strategy
from glassdesk.composition.ground import Ground
from glassdesk.desk import Desk
from glassdesk.settings import Settings
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.real_money.packing import Packing
from glassdesk.workflow.real_money.parts import Place
from glassdesk.workflow.real_money.service import Road
from glassdesk.workflow.real_money.unpacking import Unpacking
from glassdesk.workflow.risk.real_money import RealMoney
from glassdesk.workflow.strategies.model import Strategy

BY_HAND = ("desk_capital", "max_daily_loss", "max_drawdown")
"""Limits that a person must have set in the home of a live account."""


def gate_of(ground: Ground, audit: Audit, notifications: Notifications) -> RealMoney:
    """Who unlocked the account, until when."""
    stores, settings = ground.stores, ground.settings
    return RealMoney(
        stores.live,
        stores.orders,
        audit,
        ground.clock,
        notifications,
        account=settings.account,
        kind=settings.account_kind,
    )


def road_of(ground: Ground, desk: Desk) -> Road:
    """The road of this home."""
    place, stores = _place(ground), ground.stores
    packing = Packing(
        place,
        session=desk.session,
        probes=desk.probes,
        portfolio=desk.portfolio,
        positions=desk.positions,
        audit=desk.audit,
        strategies=desk.strategies,
        prompts=desk.prompts,
        indicators=desk.indicators,
        watchlists=desk.watchlists,
        contracts=desk.contracts,
        dump=dump_strategy,
    )
    unpacking = Unpacking(
        place.account,
        strategies=desk.strategies,
        prompts=desk.prompts,
        indicators=desk.indicators,
        watchlists=desk.watchlists,
        contracts=desk.contracts,
        load=_load,
    )
    gate = gate_of(ground, desk.audit, desk.notifications)
    return Road(
        place, stores.transactions, gate, stores.live, desk.session, desk.market_data, packing, unpacking
    )


def _load(text: str, file: str, account: str, resolve: Callable[[str], int]) -> Strategy:
    return load_strategy(text, file=file, account=account, resolve=resolve)


def _place(ground: Ground) -> Place:
    settings = ground.settings
    return Place(
        account=settings.account,
        kind=settings.account_kind,
        broker="simulator" if settings.broker_url.startswith("simulator:") else "gateway",
        deployment=settings.deployment,
        version=__version__,
        clock=ground.clock,
        unset=unset(settings),
        delayed=settings.delayed_quotes == "allow",
    )


def unset(settings: Settings) -> tuple[str, ...]:
    """Limits that stand at their default: nobody wrote them down."""
    given = settings.model_fields_set
    return tuple(name for name in BY_HAND if name not in given or getattr(settings, name) is None)
