"""Who owns an account, and the account search of logins that have very many [§1.5]."""

from ibkr_simulator.messages import Answer, Request, Route, empty, error, ok
from ibkr_simulator.world import World

_UNAVAILABLE = (
    "Details currently unavailable. Please try again later and contact client services if the issue persists."
)


def signatures(world: World, request: Request) -> Answer:
    """`/acesws/{id}/signatures-and-owners`; an unknown account is a 401 with an empty body [F-08]."""
    account = world.accounts.get(request.params["account"])
    if account is None:
        return empty(401)
    person = {
        "firstName": "Simulated",
        "lastName": "Trader",
        "entityType": "INDIVIDUAL",
        "entityName": "Simulated Trader",
        "dateOfBirth": "1990-01-15",
    }
    user = {"roleId": "OWNER", "hasRightCodeInd": True, "userName": world.gateway.user, "entity": person}
    applicant = {"signatures": ["Simulated Trader"]}
    return ok({"accountId": account.account_id, "users": [user], "applicant": applicant})


def dynamic(world: World, request: Request) -> Answer:
    """Choosing one of very many accounts: such logins are not simulated, others are told this."""
    return error(503, _UNAVAILABLE)


ROUTES = (
    Route(methods="GET", pattern="/acesws/{account}/signatures-and-owners", handler=signatures),
    Route(methods="POST", pattern="/iserver/dynaccount", handler=dynamic),
    Route(methods="GET", pattern="/iserver/account/search/{pattern}", handler=dynamic),
)
