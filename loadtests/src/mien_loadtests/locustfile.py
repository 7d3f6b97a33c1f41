"""Users of Mien. Each asks at a constant pace: a slow answer does not make it ask less.

That holds as long as answers come within 1 / rate seconds: give a run enough users.
Name classes to have only some: `... RestUser GrpcUser`; `--tags pytorch` for one framework.
"""

import json
import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gevent
import grpc
import grpc.experimental.gevent
import websocket
from locust import FastHttpUser, User, constant_throughput, events, tag, task
from locust.runners import WorkerRunner
from mien.v1 import emotion_pb2, emotion_pb2_grpc

from mien_loadtests.answers import check_faces, check_frame, check_model, check_rest
from mien_loadtests.options import add_options, grpc_target, picture, stream_url
from mien_loadtests.verdict import Figures, Limits, faults

# Locust's users are greenlets; without this, one gRPC call would hold up all of them.
grpc.experimental.gevent.init_gevent()

_log = logging.getLogger(__name__)
_FORGET = {"Cache-Control": "no-store", "Content-Type": "image/jpeg"}


class MienUser(User):
    """What users of every protocol have in common."""

    abstract = True

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.options = environment.parsed_options
        self.photo = picture(self.options)
        self.wait_time: Callable[[], float] = constant_throughput(self.options.rate).__get__(self)

    def on_start(self) -> None:
        """Wait a moment: users who start together would ask together for ever."""
        gevent.sleep(random.uniform(0, 1 / self.options.rate))  # noqa: S311 - no secret

    @task
    @tag("pytorch")
    def pytorch(self) -> None:
        """Ask the model that TorchServe serves."""
        self.analyze(f"{self.options.model}-pytorch")

    @task
    @tag("tensorflow")
    def tensorflow(self) -> None:
        """Ask its twin."""
        self.analyze(f"{self.options.model}-tensorflow")

    def analyze(self, model: str) -> None:
        """Send the picture and check the answer."""
        raise NotImplementedError

    @contextmanager
    def measured(self, protocol: str, model: str) -> Iterator[dict[str, Any]]:
        """Report what happens inside as one request; an exception is a failure."""
        figures: dict[str, Any] = {"response_length": 0, "exception": None}
        started = time.perf_counter()
        try:
            yield figures
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
            figures["exception"] = error
        milliseconds = (time.perf_counter() - started) * 1000
        self.environment.events.request.fire(
            request_type=protocol, name=model, response_time=milliseconds, context={}, **figures
        )


class RestUser(MienUser, FastHttpUser):
    """Sends the raw bytes to POST /v1/analyze."""

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.client.client.timeout = self.options.timeout_seconds
        key = self.options.api_key
        self.headers = _FORGET | ({"Authorization": f"Bearer {key}"} if key else {})

    def analyze(self, model: str) -> None:
        """Send the picture as it is."""
        with self.client.post(
            f"/v1/analyze?model={model}",
            data=self.photo,
            headers=self.headers,
            name=model,
            catch_response=True,
        ) as response:
            if response.status_code != 200:  # noqa: PLR2004 - the one good status
                response.failure(f"{response.status_code}: {response.text or ''!s:.200}")
                return
            try:
                check_rest(response.content, model)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
                response.failure(error)


class GrpcUser(MienUser):
    """Calls mien.v1.EmotionService/Analyze; every user has a connection of its own."""

    def on_start(self) -> None:
        """Connect."""
        super().on_start()
        self.channel = grpc.insecure_channel(grpc_target(self.options))
        self.service = emotion_pb2_grpc.EmotionServiceStub(self.channel)
        key = self.options.api_key
        self.metadata = (("authorization", f"Bearer {key}"),) if key else ()

    def on_stop(self) -> None:
        """Leave."""
        self.channel.close()

    def analyze(self, model: str) -> None:
        """Send the picture in one message."""
        request = emotion_pb2.AnalyzeRequest(image=self.photo, model=model, no_store=True)
        with self.measured("gRPC", model) as figures:
            answer = self.service.Analyze(
                request, timeout=self.options.timeout_seconds, metadata=self.metadata
            )
            figures["response_length"] = answer.ByteSize()
            check_model(answer.model.name, model)
            check_faces([[one.probability for one in face.expressions] for face in answer.faces])


class StreamUser(MienUser):
    """Holds a live stream open per framework, and waits for each frame's answer."""

    def on_start(self) -> None:
        """Nothing is open yet: each model's stream begins with its first frame."""
        super().on_start()
        self.streams: dict[str, websocket.WebSocket] = {}
        self.frames: dict[str, int] = {}

    def on_stop(self) -> None:
        """Leave."""
        for stream in self.streams.values():
            stream.close()

    def analyze(self, model: str) -> None:
        """Send the picture as the next frame."""
        with self.measured("WebSocket", model) as figures:
            try:
                stream = self.streams.get(model) or self._open(model)
                self.frames[model] += 1
                stream.send_binary(self.photo)
                answer = stream.recv()
            except (OSError, websocket.WebSocketException):
                self.streams.pop(model, None)
                raise
            figures["response_length"] = len(answer)
            check_frame(answer, self.frames[model])

    def _open(self, model: str) -> websocket.WebSocket:
        key = self.options.api_key
        stream = websocket.create_connection(
            stream_url(self.options),
            timeout=self.options.timeout_seconds,
            header={"Authorization": f"Bearer {key}"} if key else None,
            suppress_origin=True,
        )
        stream.send(json.dumps({"type": "start", "consent": True, "model": model}))
        stream.recv()
        self.streams[model] = stream
        self.frames[model] = 0
        return stream


@events.init_command_line_parser.add_listener
def _add_options(parser: Any) -> None:
    add_options(parser)


@events.quitting.add_listener
def _judge(environment: Any, **_: object) -> None:
    """Say what was not good enough, and fail the process then; workers leave that to the master."""
    if isinstance(environment.runner, WorkerRunner):
        return
    options = environment.parsed_options
    limits = Limits(options.max_failure_ratio, options.max_p95_seconds, options.min_rate)
    figures = [
        Figures(
            name=f"{entry.method} {entry.name}",
            requests=entry.num_requests,
            failures=entry.num_failures,
            p95_seconds=entry.get_response_time_percentile(0.95) / 1000,
            rate=entry.total_rps,
        )
        for entry in environment.stats.entries.values()
    ]
    found = list(faults(figures, limits))
    for fault in found:
        _log.error("Not good enough: %s", fault)
    environment.process_exit_code = 1 if found else 0
