"""Signing in, the two sessions, and keeping them alive [§1]."""

from ibkr_simulator.gateway import USERS
from ibkr_simulator.instants import DAY, SECOND, millis
from ibkr_simulator.messages import Answer, Request, Route, bare_error, empty, ok, page
from ibkr_simulator.world import World

_FORM = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in</title></head><body>
<h1>Simulated Client Portal Gateway</h1><p>{note}</p>
<form method="post" action="/sso/Login">
<label>Username <input name="username" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button type="submit">Login</button></form></body></html>"""
_PHONE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in</title></head><body>
<h1>Simulated Client Portal Gateway</h1><p>Waiting for two-factor authentication of {user}.</p>
<form method="post" action="/sso/Approve"><button type="submit">Confirm, as the phone would</button></form>
</body></html>"""
_SUCCESS = "Client login succeeds"
_SSO_LIFE = 600
_HOUR = 3600 * SECOND


def login_page(world: World, request: Request) -> Answer:
    """The form a person sees; while the phone has not confirmed, it says what is waited for."""
    waiting = world.gateway.waiting
    if waiting is not None:
        return page(_PHONE.format(user=waiting.user))
    return page(_FORM.format(note="Users: paper or demo, with any password."))


def login(world: World, request: Request) -> Answer:
    """The person's form; a right one ends with the gateway's own words, or waits for the phone."""
    if world.now < world.gateway.locked_until:
        return page("Access Denied", 401)
    if request.asked("username") not in USERS or not request.asked("password"):
        return page(_FORM.format(note="Invalid username password combination"), 401)
    world.sign_in(request.asked("username"))
    return login_page(world, request) if world.gateway.waiting else page(_SUCCESS)


def approve(world: World, request: Request) -> Answer:
    """The button in place of the person's phone."""
    return page(_SUCCESS) if world.confirm() else login_page(world, request)


def dispatcher(world: World, request: Request) -> Answer:
    """Where the page leads once somebody is signed in."""
    return page(_SUCCESS) if world.gateway.user else login_page(world, request)


def auth_status(world: World, request: Request) -> Answer:
    """`/iserver/auth/status`; without `established` while nobody is authenticated."""
    return ok(world.gateway.status(world.now))


def init(world: World, request: Request) -> Answer:
    """`ssodh/init`: opens the brokerage session; `compete` takes the username back [F-05, F-06, F-14]."""
    gateway = world.gateway
    if not _counted(world):
        return Answer(status=401, raw=b"Access Denied", kind="text/plain; charset=utf-8")
    compete = request.fields().get("compete") is True
    if not compete and (gateway.competing or world.switches.on("force_compete")):
        return ok(
            {"passed": False, "fail": "Force compete capability must be used together with compete flag"}
        )
    _open(world)
    return ok({"passed": True, **gateway.status(world.now)})


def _counted(world: World) -> bool:
    most, hours = world.switches.number("init_storm"), world.switches.number("init_lock_hours")
    return world.gateway.count_init(world.now, most, hours * _HOUR)


def _open(world: World) -> None:
    """Open the brokerage session unless the broker is down or another program keeps the username."""
    gateway, competitor = world.gateway, world.switches.text("competitor")
    if gateway.interrupted() is not None or (gateway.competing and competitor == "wins"):
        return
    if gateway.competing and competitor == "returns":
        world.postpone(world.switches.number("competitor_seconds") * SECOND, gateway.compete)
    gateway.competing, gateway.connected = False, True
    if gateway.brokerage is None:
        gateway.open_brokerage(world.ready_at())


def reauthenticate(world: World, request: Request) -> Answer:
    """Deprecated; it triggers what `init` does."""
    if world.gateway.brokerage is None and not world.gateway.competing and _counted(world):
        _open(world)
    return ok({"message": "triggered"})


def tickle(world: World, request: Request) -> Answer:
    """Keeps the session alive and gives the websocket cookie. `ssoExpires` counts down and renews itself."""
    gateway = world.gateway
    passed = (world.now - gateway.signed_in_at) // SECOND % _SSO_LIFE
    status = {"authenticated": gateway.brokerage is not None, "competing": gateway.competing}
    return ok(
        {
            "session": gateway.token(),
            "ssoExpires": (_SSO_LIFE - passed) * 1000,
            "collission": False,
            "userId": 12345678,
            "hmds": {"error": "no bridge"},
            "iserver": {"authStatus": status | {"connected": gateway.connected}},
        }
    )


def validate(world: World, request: Request) -> Answer:
    """`/sso/validate`: who is signed in and until when; not valid yet while the phone has not confirmed."""
    gateway = world.gateway
    user = gateway.waiting.user if gateway.waiting else gateway.user
    return ok(
        {
            "USER_ID": 12345678,
            "USER_NAME": user,
            "RESULT": gateway.user is not None,
            "AUTH_TIME": millis(gateway.signed_in_at),
            "SF_ENABLED": gateway.waiting is not None,
            "IS_FREE_TRIAL": False,
            "CREDENTIAL": user,
            "IP": "127.0.0.1",
            "EXPIRES": millis(max(0, gateway.signed_in_at + DAY - world.now)),
            "QUALIFIED_FOR_MOBILE_AUTH": None,
            "LANDING_APP": "UNIVERSAL",
            "IS_MASTER": False,
            "lastAccessed": millis(world.now),
            "LOGIN_TYPE": 2 if world.account.is_paper else 1,
            "PAPER_USER_NAME": user,
            "features": {"env": "PROD", "realtime": True, "bond": True, "optionChains": True},
            "region": "NJ",
        }
    )


def logout(world: World, request: Request) -> Answer:
    """Both sessions end; the outer one survives when the switch says so [§1.3]."""
    if world.switches.on("logout_keeps_sso"):
        world.gateway.drop_brokerage()
    else:
        world.gateway.sign_out()
    return ok({"status": True})


def accounts_body(world: World) -> dict[str, object]:
    """The body of `/iserver/accounts`, also sent as the websocket's `act`."""
    account, ids = world.account.account_id, list(world.accounts)
    flags = ("hasChildAccounts", "supportsCashQty", "liteUnderPro", "noFXConv", "isProp", "supportsFractions")
    props = dict.fromkeys((*flags, "allowCustomerTime", "autoFx"), False) | {"supportsCashQty": True}
    return {
        "accounts": ids,
        "acctProps": dict.fromkeys(ids, props),
        "aliases": {each: each for each in ids},
        "allowFeatures": {
            "showGFIS": True,
            "allowFXConv": True,
            "snapshotRefreshTimeout": 30,
            "liteUser": False,
            "allowCrypto": False,
            "allowDynAccount": False,
            "allowedAssetTypes": "STK,CFD,OPT,FOP,WAR,FUT,PDC,BAG,CASH,IND,BOND,BILL,FUND,CMDTY",
        },
        "chartPeriods": {"STK": ["*"]},
        "groups": [],
        "profiles": [],
        "selectedAccount": account,
        "serverInfo": {"serverName": "JifN00001", "serverVersion": "Build 10.44.1d, Mar 3, 2026 1:55:32 PM"},
        "sessionId": world.gateway.token()[:8] + ".00000001",
        "isFT": False,
        "isPaper": world.account.is_paper,
    }


def accounts(world: World, request: Request) -> Answer:
    """`/iserver/accounts`: primes orders, snapshots and trades [F-11]; empty while half-ready [F-04]."""
    brokerage = world.gateway.open_session
    if not world.gateway.established(world.now):
        return ok(accounts_body(world) | {"accounts": [], "selectedAccount": ""})
    brokerage.accounts_primed = True
    return ok(accounts_body(world))


def switch_account(world: World, request: Request) -> Answer:
    """`POST /iserver/account`: the account that orders, trades and status speak of from now on."""
    asked = request.fields().get("acctId")
    if asked is None:
        return bare_error(400, "Bad Request: acctId required")
    if asked not in world.accounts:
        return empty(500)
    changed = world.select(str(asked))
    return ok({"set": True, "acctId": asked} if changed else {"success": "Account already set"})


PAGES = (
    Route(methods="GET", pattern="/", handler=login_page),
    Route(methods="GET", pattern="/sso/Login", handler=login_page),
    Route(methods="POST", pattern="/sso/Login", handler=login),
    Route(methods="POST", pattern="/sso/Approve", handler=approve),
    Route(methods="GET", pattern="/sso/Dispatcher", handler=dispatcher),
)
ROUTES = (
    Route(methods="GET|POST", pattern="/iserver/auth/status", handler=auth_status),
    Route(methods="POST", pattern="/iserver/auth/ssodh/init", handler=init),
    Route(methods="GET|POST", pattern="/iserver/reauthenticate", handler=reauthenticate),
    Route(methods="GET|POST", pattern="/tickle", handler=tickle),
    Route(methods="GET", pattern="/sso/validate", handler=validate),
    Route(methods="GET|POST", pattern="/logout", handler=logout),
    Route(methods="GET", pattern="/iserver/accounts", handler=accounts),
    Route(methods="POST", pattern="/iserver/account", handler=switch_account),
)
