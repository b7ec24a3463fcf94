"""Price alerts: a paper account may list them and not create any [§6]."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ibkr_simulator.exchange import ids
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.instants import Instant, stamp
from ibkr_simulator.messages import Answer, Json, Request, Route, bare_error, error, ok
from ibkr_simulator.world import World

_STAMP = "%Y%m%d-%H:%M:%S"


@dataclass(slots=True, kw_only=True)
class Alert:
    """One alert of an account."""

    account: str
    order_id: int
    name: str
    at: Instant
    repeats: bool
    on: bool = True

    def row(self) -> dict[str, Any]:
        """As the lists show it."""
        return {
            "order_id": self.order_id,
            "account": self.account,
            "alert_name": self.name,
            "alert_active": int(self.on),
            "order_time": stamp(self.at, _STAMP),
            "alert_triggered": False,
            "alert_repeatable": int(self.repeats),
        }


def listed(world: World, request: Request) -> Answer:
    """`/iserver/account/{id}/alerts`."""
    account = _account(world, request)
    if isinstance(account, Answer):
        return account
    return ok([alert.row() for alert in world.alerts.values() if alert.account == account.account_id])


def mobile(world: World, request: Request) -> Answer:
    """`/iserver/account/mta`: the alert that every login has."""
    alert = Alert(account=world.account.account_id, order_id=1, name="MTA", at=0, repeats=True)
    return ok([alert.row()])


def create(world: World, request: Request) -> Answer:
    """`POST /iserver/account/{id}/alert`: 403 on paper."""
    account = _account(world, request)
    if isinstance(account, Answer):
        return account
    if account.is_paper:
        return bare_error(403, "Alerts are not available for paper trading accounts")
    fields = request.fields()
    if not fields.get("alertName") or not fields.get("conditions"):
        return error(400, "Bad Request: alertName and conditions required")
    order_id = ids.order_id(world.seed, "alert", len(world.alerts), world.now)
    name, repeats = str(fields["alertName"]), bool(fields.get("alertRepeatable"))
    alert = Alert(account=account.account_id, order_id=order_id, name=name, at=world.now, repeats=repeats)
    world.alerts[order_id] = alert
    return ok(_done(alert, "Submitted") | {"order_status": None, "warning_message": None})


def activate(world: World, request: Request) -> Answer:
    """`POST /iserver/account/{id}/alert/activate` `{"alertId", "alertActive": 1 | 0}`."""
    alert = _alert(world, request, request.fields().get("alertId"))
    if isinstance(alert, Answer):
        return alert
    alert.on = request.fields().get("alertActive") == 1
    return ok(_done(alert, "Request was submitted") | {"failure_list": None})


def delete(world: World, request: Request) -> Answer:
    """`DELETE /iserver/account/{id}/alert/{alert}`."""
    alert = _alert(world, request, request.params["alert"])
    if isinstance(alert, Answer):
        return alert
    del world.alerts[alert.order_id]
    return ok(_done(alert, "Request was submitted") | {"failure_list": None})


def _done(alert: Alert, text: str) -> dict[str, Json]:
    return {"request_id": None, "order_id": alert.order_id, "success": True, "text": text}


def _account(world: World, request: Request) -> Account | Answer:
    asked = request.params["account"]
    return world.accounts.get(asked) or error(400, f"Bad Request: accountId is not valid: {asked}")


def _alert(world: World, request: Request, asked: object) -> Alert | Answer:
    alerts: Mapping[int, Alert] = world.alerts
    text = str(asked)
    found = alerts.get(int(text)) if text.isdigit() else None
    if found is None or found.account != request.params["account"]:
        return error(400, f"Bad Request: alert {text} not found")
    return found


_BASE = "/iserver/account/{account}"
ROUTES = (
    Route(methods="GET", pattern=f"{_BASE}/alerts", handler=listed),
    Route(methods="POST", pattern=f"{_BASE}/alert", handler=create),
    Route(methods="POST", pattern=f"{_BASE}/alert/activate", handler=activate),
    Route(methods="DELETE", pattern=f"{_BASE}/alert/{{alert}}", handler=delete),
    Route(methods="GET", pattern="/iserver/account/mta", handler=mobile),
)
