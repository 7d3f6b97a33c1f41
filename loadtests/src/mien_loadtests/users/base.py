"""What users of every protocol have in common: when they ask, what for, and how it is reported."""

import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

import gevent
from locust import User, tag

from mien_loadtests.answers import Answer, check
from mien_loadtests.noise import noisy, numbers
from mien_loadtests.pacing import Pace, Tally
from mien_loadtests.plan import Errand, Plan
from mien_loadtests.scenario import CACHES, FRAMEWORKS, HIT, OFF, whole_numbers
from mien_loadtests.users.priming import Priming

_Task = Callable[["MienUser"], None]


class MienUser(User):
    """Asks for what the plan draws, at the plan's pace, and checks the answers.

    A protocol's user says how to `ask`, and how to `read` what came.
    """

    abstract = True
    tasks: list[_Task]
    protocol: ClassVar[str]
    plan: ClassVar[Plan]
    """Of the run under way; the same for all users."""
    tally: ClassVar[Tally] = Tally()
    """What was due, and what was begun, by the users of this process who have gone."""
    priming: ClassVar[Priming] = Priming()

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.pace = Pace(self.plan.scenario.rate)
        self.noise = numbers()
        # Of the class's tasks Locust has left those that its tags ask for.
        self.tasks = _repeated(self.tasks, self.plan.scenario.frameworks)

    def ask(self, model: str, picture: bytes, *, no_store: bool) -> Any:
        """Send a picture, and return what came back as it came."""
        raise NotImplementedError

    def read(self, came: Any) -> tuple[Answer, int]:
        """Return the answer in what came back, and its size in bytes.

        Raises:
            WrongAnswerError: there is none in it.
        """
        raise NotImplementedError

    def on_start(self) -> None:
        """Make ready, then wait until the first request is due."""
        for framework in {task.__name__ for task in self.tasks}:
            self.prepare(framework)
        self.pace.start(random.random())  # noqa: S311 - no secret
        gevent.sleep(self.pace.seconds_left())

    def prepare(self, framework: str) -> None:
        """Do what is to be done before the first request that counts: fill the cache."""
        self.priming.prime(self.plan.hot(framework), self._is_hit)

    def on_stop(self) -> None:
        """Tell what was due, and what was begun."""
        self.tally.add(*self.pace.owed())

    def wait_time(self) -> float:
        """Return how long to wait for the next request, seconds."""
        return self.pace.seconds_left()

    def analyze(self, framework: str) -> None:
        """Make one request and report it; an exception is a failure.

        The time ends when the answer is there: checking it is none of Mien's work.
        """
        errand = self.plan.draw(self.protocol, framework)
        picture = self._picture(errand)
        fault, size = None, 0
        began = self.pace.begin()
        try:
            try:
                came = self.ask(errand.expected.model, picture, no_store=errand.cache == OFF)
            finally:
                seconds = time.perf_counter() - began
            answer, size = self.read(came)
            check(answer, errand.expected)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
            fault = error
        self.environment.events.request.fire(
            request_type=self.protocol,
            name=errand.name,
            response_time=seconds * 1000,
            response_length=size,
            exception=fault,
            context={"model": errand.expected.model, "protocol": self.protocol},
        )

    def _picture(self, errand: Errand) -> bytes:
        """Return the picture as it is sent.

        With noise even where nothing is stored: what two ask for at the same time, the gateway
        computes once.
        """
        data = errand.photo.data
        return data if errand.cache == HIT else noisy(data, next(self.noise))

    def _is_hit(self, errand: Errand) -> bool:
        """Ask without being counted; whatever is wrong, the requests that count will meet, too."""
        with suppress(Exception):
            came = self.ask(errand.expected.model, errand.photo.data, no_store=False)
            return self.read(came)[0].cache == CACHES[HIT]
        return False


def speaks(protocol: str, *tags: str) -> Callable[[type[MienUser]], type[MienUser]]:
    """Make a class the users of a protocol, with a task per framework that is tagged with both."""

    def complete(user: type[MienUser]) -> type[MienUser]:
        user.protocol = protocol
        user.tasks = [tag(one, protocol, *tags)(_task(one)) for one in FRAMEWORKS]
        return user

    return complete


def _task(framework: str) -> _Task:
    def ask(user: MienUser) -> None:
        user.analyze(framework)

    ask.__name__ = framework
    return ask


def _repeated(tasks: list[_Task], shares: Mapping[str, float]) -> list[_Task]:
    """Return each task as often as its framework's share asks for: Locust draws evenly."""
    times = whole_numbers(shares)
    return [task for task in tasks for _ in range(times.get(task.__name__, 0))]
