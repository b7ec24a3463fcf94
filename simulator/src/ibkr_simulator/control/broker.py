"""Playing the broker: notices and bulletins to whoever listens."""

from ibkr_simulator.control.fields import Bad, object_of
from ibkr_simulator.messages import Answer, Request, ok
from ibkr_simulator.world import World


def notice(world: World, request: Request) -> Answer:
    """A notification: listed by `/fyi/notifications`, and sent as `ntf`."""
    fields = object_of(request, ("title", "text"))
    if not fields.get("title") or not fields.get("text"):
        raise Bad("takes title and text")
    posted = world.notices.post(world.now, str(fields["title"]), str(fields["text"]))
    for stream in world.streams:
        stream.tell_notice(posted)
    return ok({"id": posted.id})


def bulletin(world: World, request: Request) -> Answer:
    """A bulletin: sent as `blt`."""
    message = object_of(request, ("message",)).get("message")
    if not message:
        raise Bad("takes message")
    for stream in world.streams:
        stream.tell_bulletin(str(message))
    return ok({"told": len(world.streams)})
