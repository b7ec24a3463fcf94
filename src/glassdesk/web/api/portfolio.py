"""The books, as they can be read. Decimals are text, instants are UTC."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from glassdesk.web.parts import Here
from glassdesk.workflow.portfolio.explaining import Explained
from glassdesk.workflow.portfolio.model import Books, CashRow, Snapshot, Trade
from glassdesk.workflow.portfolio.report import Day, Report

router = APIRouter()


@router.get("/portfolio")
def portfolio(here: Here) -> Books:
    """The books now; the broker's figures stand beside."""
    desk = here.desk
    with desk.transactions.read() as t:
        return desk.portfolio.books(t, desk.account, desk.clock.now())


@router.get("/portfolio/snapshots")
def snapshots(here: Here) -> Sequence[Snapshot]:
    """The books at each close, oldest first."""
    with here.desk.transactions.read() as t:
        return here.desk.portfolio.snapshots(t, here.desk.account)


@router.get("/portfolio/report")
def report(here: Here) -> Report:
    """Books, lanes, lots, statistics with their n, both curves, and the broker's realised profit beside ours
    with what makes the difference."""
    desk = here.desk
    with desk.transactions.read() as t:
        return desk.portfolio.report(t, desk.account, desk.clock.now())


@router.get("/portfolio/curve")
def curve(here: Here) -> Sequence[Day]:
    """Equity and drawdown at each close, adjusted for money that came or went, oldest first."""
    desk = here.desk
    with desk.transactions.read() as t:
        return desk.portfolio.report(t, desk.account, desk.clock.now()).days


@router.get("/portfolio/explain")
def explain(here: Here) -> Sequence[Explained]:
    """Each number of the books with its parts: fills, commissions, marks, cash rows, and their lineage."""
    with here.desk.transactions.read() as t:
        return here.desk.portfolio.explain(t, here.desk.account, here.desk.clock.now())


@router.get("/portfolio/cash")
def cash(here: Here) -> Sequence[CashRow]:
    """Movements of cash that are no executions, each with its evidence, in the order of booking."""
    with here.desk.transactions.read() as t:
        return here.desk.portfolio.cash_rows(t, here.desk.account)


@router.get("/portfolio/trades")
def trades(here: Here) -> list[Trade]:
    """Closed round trips with R, oldest sale first."""
    with here.desk.transactions.read() as t:
        return here.desk.portfolio.trades(t, here.desk.account)
