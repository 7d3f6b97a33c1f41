"""What happens around the users: options, the scenario's shape, and the verdict.

Locust tells of all this by events; a master with workers has no users of its own.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

from locust import events
from locust.runners import STATE_RUNNING, STATE_SPAWNING, WorkerRunner

from mien_loadtests.options import OWN, add_options
from mien_loadtests.pacing import Tally
from mien_loadtests.plan import Plan, plan_of
from mien_loadtests.scenario import ScenarioError
from mien_loadtests.shape import StagesShape
from mien_loadtests.stages import StageFigures
from mien_loadtests.summary import summary
from mien_loadtests.users.base import MienUser
from mien_loadtests.verdict import Figures, Overall, faults

_log = logging.getLogger(__name__)
# Where Locust's own tables go: to the terminal, with nothing in front.
_table = logging.getLogger("locust.stats_logger")
_TOLD = "mien_tally"


class Run:
    """One process's part in a run."""

    def __init__(self) -> None:
        self._own: dict[str, Any] = {}
        self._shape: StagesShape | None = None
        self._begun: Counter[str] = Counter()

    def prepare(self, environment: Any) -> None:
        """Lay down who asks, and the course of the run; a worker is told both by its master.

        Raises:
            SystemExit: the options make no sense; the message says why.
        """
        options = environment.parsed_options
        if isinstance(environment.runner, WorkerRunner):
            self._own = {name: value for name in OWN if (value := getattr(options, name))}
            return
        try:
            plan = plan_of(vars(options), environment.host)
            _choose_users(environment, plan)
        except ScenarioError as error:
            message = f"mien-loadtests: {error}"
            raise SystemExit(message) from error
        if options.num_users or options.run_time or options.spawn_rate:
            _fill_in(options, plan)
            return
        self._shape = StagesShape(plan.scenario.stages, environment)
        self._shape.runner = environment.runner
        environment.shape_class = self._shape

    def begin(self, environment: Any) -> None:
        """Make the plan of a run that starts now."""
        MienUser.plan = self._plan(environment)
        MienUser.tally.take()
        self._begun.clear()
        MienUser.priming.restart()

    def tell(self, data: dict[str, Any]) -> None:
        """Put in a worker's report what its users have begun since the last one."""
        data[_TOLD] = MienUser.tally.take()

    def hear(self, client_id: str, data: dict[str, Any]) -> None:
        """Count in a worker's report."""
        due, begun = data.get(_TOLD, (0, 0))
        MienUser.tally.add(due, begun)
        self._begun[client_id] += begun

    def judge(self, environment: Any) -> None:
        """Say what was not good enough, and fail the process then."""
        if isinstance(environment.runner, WorkerRunner):
            return
        if environment.runner.state in (STATE_SPAWNING, STATE_RUNNING):
            environment.runner.stop()  # interrupted: users tell what was due when they stop
        for worker, begun in self._begun.items():
            _log.info("%d requests were begun by %s", begun, worker)
        plan = self._plan(environment)
        stages = self._shape.figures() if self._shape else []
        for line in summary(plan.scenario, stages):
            _table.info(line)
        found = list(
            faults(_figures(environment), _overall(MienUser.tally, stages), plan.scenario.limits)
        )
        for fault in found:
            _log.error("Not good enough: %s", fault)
        environment.process_exit_code = 1 if found else 0

    def _plan(self, environment: Any) -> Plan:
        options: Mapping[str, Any] = vars(environment.parsed_options) | self._own
        return plan_of(options, environment.host)


def _choose_users(environment: Any, plan: Plan) -> None:
    """Keep the users that the scenario has shares for and that tags leave something to do.

    Raises:
        ScenarioError: nobody is left.
    """
    options, shares = environment.parsed_options, plan.scenario.protocols
    wanted, unwanted = set(options.tags or ()), set(options.exclude_tags or ())
    chosen = []
    for user in environment.user_classes:
        tagged = [
            task.locust_tag_set for task in user.tasks if task.__name__ in plan.scenario.frameworks
        ]
        has_tasks = any((not wanted or tags & wanted) and not tags & unwanted for tags in tagged)
        if user.protocol in shares and has_tasks:
            user.weight = shares[user.protocol]
            chosen.append(user)
    if not chosen:
        message = f"the classes and tags leave nobody of the scenario {plan.scenario.name!r}"
        raise ScenarioError(message)
    environment.user_classes[:] = chosen


def _fill_in(options: Any, plan: Plan) -> None:
    """Let -u, -r or -t replace the stages by one; what is not given is the scenario's."""
    options.num_users = options.num_users or plan.scenario.most_users
    options.spawn_rate = options.spawn_rate or options.num_users
    options.run_time = options.run_time or plan.scenario.seconds


def _figures(environment: Any) -> list[Figures]:
    return [
        Figures(
            name=f"{entry.method} {entry.name}",
            requests=entry.num_requests,
            failures=entry.num_failures,
            p95_seconds=entry.get_response_time_percentile(0.95) / 1000,
            p99_seconds=entry.get_response_time_percentile(0.99) / 1000,
            rate=entry.total_rps,
        )
        for entry in environment.stats.entries.values()
    ]


def _overall(tally: Tally, stages: list[StageFigures]) -> Overall:
    return Overall(tally.pace, stages[-1].p95_seconds if stages else 0.0)


def _refuse_early(parser: Any) -> None:
    """Refuse a plan that cannot be as the line is read.

    Locust empties its files of figures before it tells of the users.
    """
    parse_args = parser.parse_args

    def checked(*arguments: Any, **named: Any) -> Any:
        options = parse_args(*arguments, **named)
        if not options.worker:
            try:
                plan_of(vars(options), options.host)
            except ScenarioError as error:
                parser.exit(1, f"mien-loadtests: {error}\n")
        return options

    parser.parse_args = checked


def listen(run: Run) -> None:
    """Let Locust tell a run of what happens."""
    events.init_command_line_parser.add_listener(add_options)
    events.init_command_line_parser.add_listener(_refuse_early)
    events.init.add_listener(lambda environment, **_: run.prepare(environment))
    events.test_start.add_listener(lambda environment, **_: run.begin(environment))
    events.quitting.add_listener(lambda environment, **_: run.judge(environment))
    events.report_to_master.add_listener(lambda data, **_: run.tell(data))
    events.worker_report.add_listener(run.hear)
