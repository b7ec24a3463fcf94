"""The line for a browser that is on another machine."""

import pytest

from glassdesk.workflow.session.port_forward import port_forward

URL = "https://localhost:5000/"
FROM_AFAR = "203.0.113.9 50122 192.0.2.7 22"


@pytest.mark.parametrize(
    ("environment", "screen", "line"),
    [
        ({"SSH_CONNECTION": FROM_AFAR}, False, "ssh -L 5000:localhost:5000 ann@192.0.2.7"),
        ({"SSH_CONNECTION": FROM_AFAR, "DISPLAY": ":10"}, True, "ssh -L 5000:localhost:5000 ann@192.0.2.7"),
        (
            {"SSH_CONNECTION": "203.0.113.9 50122 192.0.2.7 2222"},
            False,
            "ssh -p 2222 -L 5000:localhost:5000 ann@192.0.2.7",
        ),
        ({}, False, "ssh -L 5000:localhost:5000 ann@desk"),
        ({"DISPLAY": ":0"}, False, ""),
        ({"WAYLAND_DISPLAY": "wayland-0"}, False, ""),
        ({}, True, ""),
    ],
)
def test_the_line_is_given_where_no_browser_can_be(
    environment: dict[str, str], screen: bool, line: str
) -> None:
    assert port_forward(URL, environment, user="ann", host="desk", screen=screen) == line


def test_without_a_port_there_is_nothing_to_forward() -> None:
    assert not port_forward("memory:login", {}, user="ann", host="desk", screen=False)
