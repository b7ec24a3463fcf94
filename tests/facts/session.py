"""§1: the two sessions."""

from tests.facts.shapes import Fact

_SERVER = {"serverName": "text", "serverVersion": "text"}
_AUTHENTICATION = {
    "authenticated?": "flag",
    "established?": "flag",
    "competing?": "flag",
    "connected?": "flag",
    "message?": "text",
    "MAC?": "text",
    "serverInfo?": _SERVER,
    "hardware_info?": "text",
    "fail?": "text",
}

STATUS = Fact(
    name="auth status",
    source="§1.3",
    method="POST",
    path="/iserver/auth/status",
    shape={
        "authenticated": "flag",
        "established?": "flag",
        "competing": "flag",
        "connected": "flag",
        "message?": "text",
        "MAC": "text",
        "serverInfo?": _SERVER,
        "hardware_info?": "text",
        "fail?": "text",
    },
    example={
        "authenticated": True,
        "established": True,
        "competing": False,
        "connected": True,
        "message": "",
        "MAC": "00:11:22:33:44:55",
        "serverInfo": {"serverName": "JifN00001", "serverVersion": "Build 10.44.1d, Mar 3, 2026 1:55:32 PM"},
        "hardware_info": "abcd1234|00:11:22:33:44:55",
        "fail": "",
    },
)

LOGGED_OUT = Fact(
    name="auth status, logged out",
    source="§1.3",
    method="POST",
    path="/iserver/auth/status",
    shape=STATUS.shape,
    example={"authenticated": False, "competing": False, "connected": False, "MAC": "00:11:22:33:44:55"},
)

INIT = Fact(
    name="ssodh init",
    source="§1.3",
    method="POST",
    path="/iserver/auth/ssodh/init",
    shape={**_AUTHENTICATION, "passed?": "flag", "challenge?": "any", "wait?": "any"},
    example={
        "passed": True,
        "authenticated": True,
        "connected": True,
        "competing": False,
        "established": False,
        "hardware_info": "abcd1234|00:11:22:33:44:55",
    },
)

INIT_REFUSED = Fact(
    name="ssodh init refused",
    source="§1.3, F-06",
    method="POST",
    path="/iserver/auth/ssodh/init",
    shape=INIT.shape,
    example={"passed": False, "fail": "Force compete capability must be used together with compete flag"},
)

TICKLE = Fact(
    name="tickle",
    source="§1.3",
    method="POST",
    path="/tickle",
    shape={
        "session": "text",
        "ssoExpires?": "int",
        "collission?": "flag",
        "userId?": "int",
        "hmds?": {"error?": "text", "authStatus?": "object"},
        "iserver": {"authStatus?": _AUTHENTICATION},
    },
    example={
        "session": "0123456789abcdef",
        "ssoExpires": 587312,
        "collission": False,
        "userId": 12345678,
        "hmds": {"error": "no bridge"},
        "iserver": {"authStatus": {"authenticated": True, "competing": False, "connected": True}},
    },
)

NO_SESSION = Fact(
    name="tickle without a session",
    source="§1.3, F-13",
    method="POST",
    path="/tickle",
    shape={"error": "text"},
    example={"error": "no session"},
)

NO_BRIDGE = Fact(
    name="no bridge",
    source="§1.5, F-02",
    method="GET",
    path="/iserver/accounts",
    shape={"error": "text", "statusCode": "int"},
    example={"error": "Bad Request: no bridge", "statusCode": 400},
    status=400,
)

VALIDATE = Fact(
    name="sso validate",
    source="§1.3",
    method="GET",
    path="/sso/validate",
    shape={
        "USER_ID": "int",
        "USER_NAME": "text",
        "RESULT": "flag",
        "AUTH_TIME": "int",
        "SF_ENABLED": "flag",
        "IS_FREE_TRIAL": "flag",
        "CREDENTIAL": "text",
        "IP": "text",
        "EXPIRES": "int",
        "QUALIFIED_FOR_MOBILE_AUTH": "flag|null",
        "LANDING_APP": "text",
        "IS_MASTER": "flag",
        "lastAccessed": "int",
        "LOGIN_TYPE": "int",
        "PAPER_USER_NAME": "text",
        "features": "object",
        "region": "text",
    },
)

LOGOUT = Fact(
    name="logout",
    source="§1.3",
    method="POST",
    path="/logout",
    shape={"status": "flag"},
    example={"status": True},
)

REAUTHENTICATE = Fact(
    name="reauthenticate",
    source="§1.3",
    method="POST",
    path="/iserver/reauthenticate",
    shape={"message": "text"},
    example={"message": "triggered"},
)

_PROPERTIES = {
    "hasChildAccounts": "flag",
    "supportsCashQty": "flag",
    "liteUnderPro": "flag",
    "noFXConv": "flag",
    "isProp": "flag",
    "supportsFractions": "flag",
    "allowCustomerTime": "flag",
    "autoFx?": "flag",
}

ACCOUNTS = Fact(
    name="iserver accounts",
    source="§6",
    method="GET",
    path="/iserver/accounts",
    shape={
        "accounts": ["text"],
        "acctProps": {"*": _PROPERTIES},
        "aliases": {"*": "text"},
        "allowFeatures": {"snapshotRefreshTimeout": "int", "allowedAssetTypes": "text", "*": "any"},
        "chartPeriods": {"*": ["text"]},
        "groups": "list",
        "profiles": "list",
        "selectedAccount": "text",
        "serverInfo": _SERVER,
        "sessionId": "text",
        "isFT": "flag",
        "isPaper": "flag",
    },
)

SWITCH_ACCOUNT = Fact(
    name="select an account",
    source="§6",
    method="POST",
    path="/iserver/account",
    shape={"set?": "flag", "acctId?": "text", "success?": "text"},
    example={"set": True, "acctId": "DU1234567"},
)

FACTS = (
    STATUS,
    LOGGED_OUT,
    INIT,
    INIT_REFUSED,
    TICKLE,
    NO_SESSION,
    NO_BRIDGE,
    VALIDATE,
    LOGOUT,
    REAUTHENTICATE,
    ACCOUNTS,
    SWITCH_ACCOUNT,
)
