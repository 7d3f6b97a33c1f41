"""Circuits, failover and limits of time, over the whole core."""

import asyncio
from dataclasses import replace
from time import perf_counter

import pytest

from mien_gateway.domain import AnalysisRequest, Deadline
from mien_gateway.errors import (
    DeadlineExceededError,
    DetectorUnavailableError,
    GatewayError,
    ModelServerUnavailableError,
    UnreadableImageError,
)
from tests.fakes.gateway import JPEG, NO_FACE, PYTORCH, TENSORFLOW, FakeGateway

AWAY = ModelServerUnavailableError("torchserve", PYTORCH)


def request(number: int = 0, *, model: str = "", twin: bool = False) -> AnalysisRequest:
    """A picture like no other."""
    return AnalysisRequest(
        image=JPEG + bytes([number]),
        model=model,
        allow_twin=twin,
        deadline=Deadline.after(10),
    )


async def failures(gateway: FakeGateway, kind: type[GatewayError], number: int = 5) -> None:
    for place in range(number):
        with pytest.raises(kind):
            await gateway.analyzer.analyze(request(100 + place))


async def test_the_twin_answers_where_the_caller_allows_it(gateway: FakeGateway) -> None:
    """And the answer says which model and which server it was."""
    gateway.torchserve.away = AWAY
    analysis = await gateway.analyzer.analyze(request(twin=True))
    assert analysis.model.name == TENSORFLOW
    assert analysis.findings.served_by == "tensorflow-serving"
    with pytest.raises(ModelServerUnavailableError):
        await gateway.analyzer.analyze(request())


async def test_the_twins_answer_is_kept_under_its_own_name(gateway: FakeGateway) -> None:
    """When the server is back, its own answer counts."""
    gateway.torchserve.away = AWAY
    await gateway.analyzer.analyze(request(twin=True))
    await gateway.analyzer.settle()
    gateway.torchserve.away = None
    own = await gateway.analyzer.analyze(request(twin=True))
    assert (own.model.name, own.cache.value) == (PYTORCH, "miss")
    kept = await gateway.analyzer.analyze(request(model=TENSORFLOW))
    assert kept.cache.value == "hit"


async def test_with_both_twins_away_the_own_servers_error_is_told(gateway: FakeGateway) -> None:
    """It is the one that the caller asked for."""
    gateway.torchserve.away = AWAY
    gateway.tensorflow.away = ModelServerUnavailableError("tensorflow-serving", TENSORFLOW)
    with pytest.raises(ModelServerUnavailableError, match="torchserve"):
        await gateway.analyzer.analyze(request(twin=True))


async def test_a_broken_server_is_left_alone_and_its_twin_is_not(gateway: FakeGateway) -> None:
    """Each server has a circuit of its own; an open one costs next to nothing."""
    gateway.torchserve.away = AWAY
    await failures(gateway, ModelServerUnavailableError)
    asked = len(gateway.torchserve.calls)
    started = perf_counter()
    await failures(gateway, ModelServerUnavailableError)
    assert perf_counter() - started < 0.25
    assert len(gateway.torchserve.calls) == asked
    analysis = await gateway.analyzer.analyze(request(model=TENSORFLOW))
    assert analysis.findings.served_by == "tensorflow-serving"


async def test_a_model_that_is_not_loaded_does_not_close_its_pool(gateway: FakeGateway) -> None:
    """The others of the pool are asked as before."""
    own = gateway.core.models.resolve(PYTORCH)
    other = replace(own, model=replace(own.model, name="another-model"))
    backend = gateway.core.models.backend(own)
    gateway.torchserve.away = ModelServerUnavailableError("torchserve", other.name)
    for _ in range(6):
        with pytest.raises(ModelServerUnavailableError, match=other.name):
            await backend.predict(other, [JPEG], 5)
    assert len(gateway.torchserve.calls) == 5
    gateway.torchserve.away = None
    assert len(await backend.predict(own, [JPEG], 5)) == 1
    with pytest.raises(ModelServerUnavailableError, match=other.name):
        await backend.predict(other, [JPEG], 5)


async def test_a_server_that_is_back_is_used_again() -> None:
    """After the cool-down, by the first who asks."""
    gateway = FakeGateway(settings={"circuit_cooldown_seconds": 0.05})
    gateway.torchserve.away = AWAY
    await failures(gateway, ModelServerUnavailableError)
    gateway.torchserve.away = None
    await asyncio.sleep(0.06)
    assert (await gateway.analyzer.analyze(request())).findings.served_by == "torchserve"
    await gateway.analyzer.settle()


async def test_pictures_that_cannot_be_read_do_not_open_the_detectors_circuit(
    gateway: FakeGateway,
) -> None:
    """Bad input harms no one else."""
    for place in range(20):
        gateway.detector.outcomes[JPEG + bytes([100 + place])] = UnreadableImageError()
    await failures(gateway, UnreadableImageError, 20)
    assert (await gateway.analyzer.analyze(request())).findings.faces


async def test_kept_answers_are_given_while_the_detector_is_away(gateway: FakeGateway) -> None:
    """Its circuit stands before the detector, not before the cache."""
    await gateway.analyzer.analyze(request(1))
    await gateway.analyzer.settle()
    gateway.detector.away = DetectorUnavailableError()
    await failures(gateway, DetectorUnavailableError, 8)
    assert (await gateway.analyzer.analyze(request(1))).cache.value == "hit"


async def test_a_frozen_server_is_told_from_a_hurried_caller() -> None:
    """It has so much time and no more; then it counts as away, and the twin can answer."""
    gateway = FakeGateway(settings={"model_timeout_seconds": 0.05})
    gateway.torchserve.delay_seconds = 60
    with pytest.raises(ModelServerUnavailableError):
        await gateway.analyzer.analyze(request())
    assert (await gateway.analyzer.analyze(request(twin=True))).model.name == TENSORFLOW
    hurried = AnalysisRequest(image=JPEG, deadline=Deadline.after(0.03))
    with pytest.raises(DeadlineExceededError):
        await gateway.analyzer.analyze(hurried)
    await gateway.analyzer.settle()


async def test_no_face_needs_no_model_server(gateway: FakeGateway) -> None:
    """So its failure is none of this picture's."""
    gateway.torchserve.away = AWAY
    asked = AnalysisRequest(image=NO_FACE, deadline=Deadline.after(5))
    assert (await gateway.analyzer.analyze(asked)).findings.faces == ()


async def test_a_detector_that_never_answered_is_behind_its_circuit() -> None:
    """After a restart nothing is known of it: a frozen one is asked within its own limit of time.

    And is then left alone.
    """
    gateway = FakeGateway(settings={"detector_timeout_seconds": 0.05})
    gateway.detector.is_known = False
    gateway.detector.delay_seconds = 60
    await failures(gateway, DetectorUnavailableError)
    assert gateway.detector.budgets == [0.05] * 5
    await failures(gateway, DetectorUnavailableError, number=1)
    assert len(gateway.detector.budgets) == 5
