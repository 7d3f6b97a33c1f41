"""Looks at the machine before anything is started."""

import os
import shutil
import socket
from pathlib import Path

import psutil

from mien_stack.errors import PreflightError
from mien_stack.settings import StackSettings
from mien_torch_serving.errors import JavaMissingError
from mien_torch_serving.java import find_java

FREE_BYTES_NEEDED = 500_000_000


def check(settings: StackSettings) -> None:
    """Raise PreflightError, with the remedy, for the first thing that is in the way."""
    check_disk(settings.run_dir, FREE_BYTES_NEEDED)
    check_java()
    check_ports(settings.ports())


def check_disk(folder: Path, needed_bytes: int) -> None:
    """Refuse to start where logs and models could not be written."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        message = (
            f"only {free / 1e6:.0f} MB are free in {folder}, the model store and the logs "
            f"need {needed_bytes / 1e6:.0f} MB: make room and try again"
        )
        raise PreflightError(message)


def check_java() -> None:
    """TorchServe runs on Java: say so before its archives are built, not after."""
    try:
        find_java(os.environ)
    except JavaMissingError as error:
        raise PreflightError(str(error)) from error


def check_ports(ports: dict[str, int]) -> None:
    """Refuse to start when somebody else listens where a part must."""
    taken = [
        f"{port} is in use{_owner(port)} (use another one with MIEN_STACK_{name.upper()}=...)"
        for name, port in ports.items()
        if not _is_free(port)
    ]
    if taken:
        message = "port " + "; port ".join(taken)
        raise PreflightError(message)


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        # As the servers do: a connection that just closed does not keep the port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _owner(port: int) -> str:
    """` by NAME, process ID` where the system tells, else nothing."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return ""
    for connection in connections:
        if connection.status != psutil.CONN_LISTEN or not connection.pid or not connection.laddr:
            continue
        if connection.laddr.port == port:
            try:
                return f" by {psutil.Process(connection.pid).name()}, process {connection.pid}"
            except psutil.NoSuchProcess:
                return ""
    return ""
