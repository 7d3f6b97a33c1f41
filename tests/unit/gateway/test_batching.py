"""Many pictures at once."""

import asyncio
from typing import Any

import pytest

from mien_gateway.analysis.batch import BatchRequest
from mien_gateway.domain import Analysis, AnalysisRequest, CacheStatus, Deadline, Detection
from mien_gateway.errors import (
    EmptyImageError,
    GatewayError,
    InvalidRequestError,
    ModelServerUnavailableError,
    UnreadableImageError,
    UnsupportedMediaTypeError,
)
from tests.fakes.gateway import (
    JPEG,
    LABELS,
    NO_FACE,
    PYTORCH,
    TENSORFLOW,
    FakeGateway,
    crop_of,
    hashed_by,
    probabilities_of,
)


def batch(
    *images: bytes, model: str = "", twin: bool = False, no_store: bool = False
) -> BatchRequest:
    """Pictures and five seconds."""
    return BatchRequest(
        images=images,
        model=model,
        allow_twin=twin,
        no_store=no_store,
        deadline=Deadline.after(5),
    )


def picture(number: int) -> bytes:
    return JPEG + number.to_bytes(2)


async def analyses(gateway: FakeGateway, asked: BatchRequest) -> list[Analysis]:
    outcomes = await gateway.core.batches.analyze(asked)
    assert not [one for one in outcomes if isinstance(one, GatewayError)]
    await gateway.analyzer.settle()
    return [one for one in outcomes if isinstance(one, Analysis)]


async def test_all_faces_go_to_the_model_server_in_one_message(gateway: FakeGateway) -> None:
    """And each picture gets its own back, in order."""
    gateway.detector.outcomes[picture(1)] = (b"a", b"b", b"c")
    found = await analyses(gateway, batch(picture(0), NO_FACE, picture(1), picture(2)))
    (call,) = gateway.torchserve.calls
    assert call[1] == tuple(crop_of(seed) for seed in (picture(0), b"a", b"b", b"c", picture(2)))
    assert [len(one.findings.faces) for one in found] == [1, 0, 3, 1]
    for one, seeds in zip(found, ([picture(0)], [], [b"a", b"b", b"c"], [picture(2)]), strict=True):
        expected = [probabilities_of(crop_of(seed), len(LABELS)) for seed in seeds]
        assert [face.probabilities for face in one.findings.faces] == expected


async def test_a_bad_picture_is_its_own_matter(gateway: FakeGateway) -> None:
    """The others are answered."""
    gateway.detector.outcomes[picture(1)] = UnreadableImageError()
    outcomes = await gateway.core.batches.analyze(
        batch(picture(0), picture(1), b"", b"text", picture(2))
    )
    kinds = [type(one) for one in outcomes]
    assert kinds == [
        Analysis,
        UnreadableImageError,
        EmptyImageError,
        UnsupportedMediaTypeError,
        Analysis,
    ]


async def test_what_is_known_is_not_computed_again(gateway: FakeGateway) -> None:
    """Single answers serve a batch, and a batch's serve single requests."""
    await gateway.analyzer.analyze(AnalysisRequest(image=picture(0), deadline=Deadline.after(5)))
    await gateway.analyzer.settle()
    found = await analyses(gateway, batch(picture(0), picture(1)))
    assert [one.cache for one in found] == [CacheStatus.HIT, CacheStatus.MISS]
    assert len(gateway.torchserve.calls[-1][1]) == 1
    single = await gateway.analyzer.analyze(
        AnalysisRequest(image=picture(1), deadline=Deadline.after(5))
    )
    assert single.cache is CacheStatus.HIT
    assert single.findings == found[1].findings


@pytest.mark.parametrize(("no_store", "times"), [(False, 2), (True, 0)])
async def test_each_picture_is_hashed_once(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, times: int, *, no_store: bool
) -> None:
    """For the cache, and not at all without it."""
    hashed = hashed_by(monkeypatch)
    await analyses(gateway, batch(picture(0), NO_FACE, no_store=no_store))
    assert len(hashed) == times


async def test_a_newer_detector_has_keys_of_its_own(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It took over between the look-up and the detection."""
    detect = gateway.detector.detect

    async def newer(*arguments: Any) -> Detection:
        gateway.detector.version = "2"
        return await detect(*arguments)

    monkeypatch.setattr(gateway.detector, "detect", newer)
    for expected in (CacheStatus.MISS, CacheStatus.HIT):
        (one,) = await analyses(gateway, batch(picture(0)))
        assert one.cache is expected


async def test_no_store_leaves_no_trace(gateway: FakeGateway) -> None:
    """Nothing is looked up, nothing kept."""
    await analyses(gateway, batch(picture(0), no_store=True))
    assert gateway.cache.values == {}
    assert gateway.cache.lookups == []


async def test_many_faces_are_sent_in_several_messages(gateway: FakeGateway) -> None:
    """Each of a size that model servers take."""
    seeds = [str(number).encode() for number in range(150)]
    for number in range(5):
        gateway.detector.outcomes[picture(number)] = seeds[30 * number : 30 * number + 30]
    found = await analyses(gateway, batch(*map(picture, range(5))))
    assert [len(call[1]) for call in gateway.torchserve.calls] == [60, 60, 30]
    assert sum(len(one.findings.faces) for one in found) == 150


async def test_a_model_server_that_is_away_fails_only_who_needs_it(gateway: FakeGateway) -> None:
    """And the twin may answer, where allowed."""
    gateway.torchserve.away = ModelServerUnavailableError("torchserve", PYTORCH)
    first, second = await gateway.core.batches.analyze(batch(picture(0), NO_FACE))
    assert isinstance(first, ModelServerUnavailableError)
    assert isinstance(second, Analysis)
    (answered,) = await analyses(gateway, batch(picture(0), twin=True))
    assert answered.model.name == TENSORFLOW


async def test_the_detector_is_not_flooded(gateway: FakeGateway) -> None:
    """A batch has a few detections under way at a time."""
    gateway.detector.delay_seconds = 0.05
    task = asyncio.create_task(analyses(gateway, batch(*map(picture, range(8)))))
    await asyncio.sleep(0.03)
    assert len(gateway.detector.budgets) == 4
    assert len(await task) == 8


@pytest.mark.parametrize("number", [0, 65])
def test_the_number_of_pictures_has_limits(gateway: FakeGateway, number: int) -> None:
    """Told with the limit."""
    with pytest.raises(InvalidRequestError, match="1 to 64"):
        gateway.core.batches.check_number(number)
