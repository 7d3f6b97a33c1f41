import socket
from pathlib import Path

import pytest

from mien_stack import preflight
from mien_stack.errors import PreflightError


def test_a_port_in_use_is_named_with_its_owner_and_the_remedy() -> None:
    """Who finds port 8000 taken learns which port, by whom, and what to set."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PreflightError) as raised:
            preflight.check_ports({"rest_port": port})
    assert f"port {port} is in use by" in str(raised.value)
    assert "MIEN_STACK_REST_PORT=" in str(raised.value)


def test_every_taken_port_is_named_at_once() -> None:
    """Nobody has to start five times to learn of five taken ports."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        taken = {"rest_port": one.getsockname()[1], "grpc_port": other.getsockname()[1]}
        with pytest.raises(PreflightError) as raised:
            preflight.check_ports(taken)
    assert all(str(port) in str(raised.value) for port in taken.values())


def test_a_free_port_passes() -> None:
    """A port that nobody listens on, even one that was used a moment ago, is fine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    preflight.check_ports({"rest_port": port})


def test_a_full_disk_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """Too little room is said with both figures."""
    with pytest.raises(PreflightError, match=r"MB are free in .* make room"):
        preflight.check_disk(tmp_path, needed_bytes=10**18)
