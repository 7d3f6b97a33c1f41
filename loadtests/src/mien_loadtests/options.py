"""Options of a run, added to Locust's own; each can be set by an environment variable, too."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien_loadtests.scenario import ScenarioError
from mien_loadtests.scenario_file import OURS, read_scenarios

DEFAULT_SCENARIO = "standard"
# Of the scenario's limits, what an option may set anew.
LIMITS = {
    "--max-failure-ratio": ("failure_ratio", "share of any kind of request, 0 to 1"),
    "--max-p95-seconds": ("p95_seconds", "of any kind of request"),
    "--max-p99-seconds": ("p99_seconds", "of any kind of request"),
    "--min-rate": ("rate", "requests a second over all"),
    "--min-pace": ("pace", "share of the due requests that must be begun, 0 to 1"),
}
# What a worker was told itself goes before what the master tells it: it may stand elsewhere.
OWN = ("grpc_target", "api_key", "picture", "scenario_file")


def add_options(parser: Any) -> None:
    """Add what Locust cannot know."""
    parser.add_argument(
        "--list-scenarios", action=_List, nargs=0, help="list the scenarios, and go"
    )
    _add(parser, "--scenario", DEFAULT_SCENARIO, "which kind of load", include_in_web_ui=False)
    _add(parser, "--scenario-file", "", "another file of scenarios", include_in_web_ui=False)
    _add(parser, "--duration-scale", 1.0, "multiplies every stage", include_in_web_ui=False)
    _add(parser, "--model", "fer2013-squeezenet", "the model, without its framework")
    _add(parser, "--grpc-target", "", "gateway's gRPC (default: the host's port 9000)")
    _add(parser, "--api-key", "", "key to come in with", is_secret=True)
    _add(parser, "--picture", "", "a JPEG in place of the scenario's pictures")
    _add(parser, "--faces", 1, "how many faces that picture has")
    _add(parser, "--timeout-seconds", 10.0, "longest wait for an answer")
    _replace(parser, "--rate", "requests a second of each user; 0: as fast as answers come")
    for name, (_, meaning) in LIMITS.items():
        _replace(parser, name, f"the run fails beyond it: {meaning}; 0: no limit")


def _add(parser: Any, name: str, default: object, text: str, **more: object) -> None:
    parser.add_argument(
        name, type=type(default), default=default, env_var=_variable(name), help=text, **more
    )


def _replace(parser: Any, name: str, text: str) -> None:
    """Add a number that stands in the scenario, unless it is given."""
    parser.add_argument(
        name,
        type=float,
        env_var=_variable(name),
        help=f"{text} (default: the scenario's)",
        include_in_web_ui=False,
    )


def _variable(name: str) -> str:
    return f"MIEN_LOAD_{name.removeprefix('--').replace('-', '_').upper()}"


class _List(argparse.Action):
    """Lists the scenarios of the file that was named before it, or ours."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,  # noqa: ARG002 - argparse gives it
        option_string: str | None = None,  # noqa: ARG002 - argparse gives it
    ) -> None:
        try:
            scenarios = read_scenarios(Path(getattr(namespace, "scenario_file", "") or OURS))
        except ScenarioError as error:
            parser.error(str(error))
        for one in scenarios.values():
            sys.stdout.write(
                f"{one.name:12} {one.seconds:5.0f} s {one.most_users:4} users  {one.about}\n"
            )
        parser.exit()
