"""`/fyi/…`: notifications, and how a person wants to be told; the short keys are the broker's own [§2]."""

from ibkr_simulator.messages import Answer, Json, Request, Route, empty, error, ok
from ibkr_simulator.notices import Device
from ibkr_simulator.world import World

_MOST = 10
_DONE = {"V": 1, "T": 10}


def unread_number(world: World, request: Request) -> Answer:
    """`/fyi/unreadnumber`."""
    return ok({"BN": world.notices.unread()})


def settings(world: World, request: Request) -> Answer:
    """`/fyi/settings`: kinds, whether each is on, and whether its disclaimer is still unread."""
    return ok(
        [
            {"FC": kind.code, "H": int(not kind.read), "A": int(kind.on), "FD": kind.about, "FN": kind.name}
            for kind in world.notices.kinds.values()
        ]
    )


def set_kind(world: World, request: Request) -> Answer:
    """`POST /fyi/settings/{code}` `{"enabled": bool}`."""
    kind, enabled = world.notices.kinds.get(request.params["code"]), request.fields().get("enabled")
    if kind is None or not isinstance(enabled, bool):
        return error(400, "Bad Request: typecode or enabled is invalid")
    kind.on = enabled
    return ok(_DONE)


def disclaimer(world: World, request: Request) -> Answer:
    """`/fyi/disclaimer/{code}`."""
    kind = world.notices.kinds.get(request.params["code"])
    if kind is None:
        return error(400, "Bad Request: typecode is invalid")
    return ok({"DT": f"This communication is provided for information only. {kind.about}", "FC": kind.code})


def read_disclaimer(world: World, request: Request) -> Answer:
    """`PUT /fyi/disclaimer/{code}`: it was read."""
    kind = world.notices.kinds.get(request.params["code"])
    if kind is None:
        return error(400, "Bad Request: typecode is invalid")
    kind.read = True
    return ok(_DONE)


def delivery_options(world: World, request: Request) -> Answer:
    """`/fyi/deliveryoptions`: mail, and devices."""
    devices: Json = [
        {"NM": device.name, "I": device.id, "UI": device.surface, "A": int(device.on)}
        for device in world.notices.devices.values()
    ]
    return ok({"E": devices, "M": int(world.notices.by_mail)})


def by_mail(world: World, request: Request) -> Answer:
    """`PUT /fyi/deliveryoptions/email?enabled=`."""
    asked = request.asked("enabled").lower()
    if asked not in ("true", "false"):
        return error(400, "Bad Request: enabled is invalid")
    world.notices.by_mail = asked == "true"
    return ok(_DONE)


def add_device(world: World, request: Request) -> Answer:
    """`POST /fyi/deliveryoptions/device`."""
    fields = request.fields()
    if not fields.get("deviceId"):
        return error(400, "Bad Request: deviceId required")
    device = Device(
        name=str(fields.get("devicename", "")),
        id=str(fields["deviceId"]),
        surface=str(fields.get("uiName", "")),
        on=fields.get("enabled") is not False,
    )
    world.notices.devices[device.id] = device
    return ok(_DONE)


def remove_device(world: World, request: Request) -> Answer:
    """`DELETE /fyi/deliveryoptions/{id}`: an empty body."""
    if world.notices.devices.pop(request.params["device"], None) is None:
        return error(400, "Bad Request: deviceId is invalid")
    return empty(200)


def notifications(world: World, request: Request) -> Answer:
    """`/fyi/notifications`: the newest `max`, ten at most."""
    asked = request.asked("max", str(_MOST))
    most = min(_MOST, int(asked)) if asked.isdigit() else _MOST
    return ok(list(world.notices.newest(most)))


def read_notification(world: World, request: Request) -> Answer:
    """`PUT /fyi/notifications/{id}`: it was read."""
    notice = world.notices.find(request.params["id"])
    if notice is None:
        return error(400, "Bad Request: notificationId is invalid")
    notice.read = True
    return ok({"V": 1, "T": 5, "P": {"R": 1, "ID": notice.id}})


ROUTES = (
    Route(methods="GET", pattern="/fyi/unreadnumber", handler=unread_number),
    Route(methods="GET", pattern="/fyi/settings", handler=settings),
    Route(methods="POST", pattern="/fyi/settings/{code}", handler=set_kind),
    Route(methods="GET", pattern="/fyi/disclaimer/{code}", handler=disclaimer),
    Route(methods="PUT", pattern="/fyi/disclaimer/{code}", handler=read_disclaimer),
    Route(methods="GET", pattern="/fyi/deliveryoptions", handler=delivery_options),
    Route(methods="PUT", pattern="/fyi/deliveryoptions/email", handler=by_mail),
    Route(methods="POST", pattern="/fyi/deliveryoptions/device", handler=add_device),
    Route(methods="DELETE", pattern="/fyi/deliveryoptions/{device}", handler=remove_device),
    Route(methods="GET", pattern="/fyi/notifications", handler=notifications),
    Route(methods="PUT", pattern="/fyi/notifications/{id}", handler=read_notification),
)
