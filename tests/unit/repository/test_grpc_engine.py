"""gRPC's engine is chosen by names that the installed version knows."""

import os
import subprocess
import sys
from collections.abc import Callable, MutableMapping

import pytest

from mien_detector.grpc_engine import choose_engine as detectors
from mien_gateway.clients.channel import choose_engine as gateways
from mien_tf_serving.grpc_engine import choose_engine as servers

CHOICES = pytest.mark.parametrize(
    "choose", [gateways, detectors, servers], ids=["gateway", "detector", "tensorflow"]
)
Choose = Callable[[MutableMapping[str, str]], None]

PROGRAM = """
import grpc
from concurrent.futures import ThreadPoolExecutor
server = grpc.server(ThreadPoolExecutor(1))
server.add_insecure_port("127.0.0.1:0")
server.start()
server.stop(None)
"""


def complaints(environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=30, check=True
    )
    return done.stderr


@CHOICES
def test_the_installed_grpc_knows_the_names(choose: Choose) -> None:
    """It would complain of others, and go on with its newer engine."""
    environment = dict(os.environ)
    environment.pop("GRPC_EXPERIMENTS", None)
    choose(environment)
    assert complaints(environment) == ""


def test_it_complains_of_names_that_it_does_not_know() -> None:
    """So that the test above can fail."""
    environment = os.environ | {"GRPC_EXPERIMENTS": "-event_engine_of_yesterday"}
    assert "event_engine_of_yesterday" in complaints(environment)


@CHOICES
def test_who_chose_an_engine_keeps_it(choose: Choose) -> None:
    """An operator may know better."""
    environment = {"GRPC_EXPERIMENTS": "mine"}
    choose(environment)
    assert environment == {"GRPC_EXPERIMENTS": "mine"}
