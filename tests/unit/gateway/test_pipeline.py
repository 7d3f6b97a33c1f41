"""The way of one picture: each part is asked once, and only if need be."""

import asyncio

import pytest

from mien_gateway.analysis.stages import FACES_PER_MESSAGE
from mien_gateway.domain import Analysis, AnalysisRequest, CacheStatus, Deadline
from mien_gateway.errors import (
    DeadlineExceededError,
    DetectorUnavailableError,
    GatewayError,
    ModelServerUnavailableError,
    OverloadedError,
    UnknownModelError,
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


def request(
    image: bytes = JPEG,
    model: str = "",
    *,
    no_store: bool = False,
    seconds: float = 5,
    caller: str = "",
) -> AnalysisRequest:
    deadline = Deadline.after(seconds)
    return AnalysisRequest(
        image=image, model=model, no_store=no_store, deadline=deadline, caller=caller
    )


async def kept(gateway: FakeGateway, asked: AnalysisRequest) -> Analysis:
    """Analyse, and wait until the answer is in the cache."""
    analysis = await gateway.analyzer.analyze(asked)
    await gateway.analyzer.settle()
    return analysis


async def test_a_face_comes_back_with_its_probabilities(gateway: FakeGateway) -> None:
    """The crop that the detector cut is the one that the model server sees."""
    analysis = await gateway.analyzer.analyze(request())
    (face,) = analysis.findings.faces
    assert face.probabilities == probabilities_of(crop_of(JPEG), len(LABELS))
    assert analysis.findings.served_by == "torchserve"
    assert analysis.cache is CacheStatus.MISS
    assert analysis.timings.total >= analysis.timings.detect > 0


async def test_the_models_name_selects_the_server(gateway: FakeGateway) -> None:
    """Twins differ in who serves them."""
    await gateway.analyzer.analyze(request(model=TENSORFLOW))
    assert [call[0] for call in gateway.tensorflow.calls] == [TENSORFLOW]
    assert gateway.torchserve.calls == []


async def test_no_name_asks_for_the_first_model(gateway: FakeGateway) -> None:
    """The default is the registry's first."""
    assert (await gateway.analyzer.analyze(request())).model.name == PYTORCH


async def test_an_unknown_name_is_answered_with_the_known_ones(gateway: FakeGateway) -> None:
    """And nobody else is asked."""
    with pytest.raises(UnknownModelError, match=TENSORFLOW):
        await gateway.analyzer.analyze(request(model="none"))
    assert gateway.detector.budgets == []


async def test_no_face_is_an_answer_and_is_kept(gateway: FakeGateway) -> None:
    """No model server is asked about nothing."""
    first = await kept(gateway, request(NO_FACE))
    second = await gateway.analyzer.analyze(request(NO_FACE))
    assert first.findings.faces == second.findings.faces == ()
    assert second.cache is CacheStatus.HIT
    assert gateway.torchserve.calls == []


async def test_all_faces_go_in_one_message(gateway: FakeGateway) -> None:
    """In the detector's order."""
    gateway.detector.outcomes[JPEG] = (b"one", b"two", b"three")
    analysis = await gateway.analyzer.analyze(request())
    crops = tuple(crop_of(seed) for seed in (b"one", b"two", b"three"))
    assert [call[1] for call in gateway.torchserve.calls] == [crops]
    assert [face.probabilities for face in analysis.findings.faces] == [
        probabilities_of(crop, len(LABELS)) for crop in crops
    ]


async def test_no_message_holds_more_faces_than_a_model_server_takes(
    gateway: FakeGateway,
) -> None:
    """However many the detector finds."""
    seeds = [b"%d" % number for number in range(2 * FACES_PER_MESSAGE + 1)]
    gateway.detector.outcomes[JPEG] = seeds
    analysis = await gateway.analyzer.analyze(request())
    assert len(analysis.findings.faces) == len(seeds)
    explained = await gateway.core.explainer.explain(request())
    assert len({face.crop for face in explained.faces}) == len(seeds)
    sizes = [len(faces) for _, faces, _ in gateway.torchserve.calls]
    assert sizes == 2 * [FACES_PER_MESSAGE, FACES_PER_MESSAGE, 1]


async def test_an_identical_picture_comes_from_the_cache(gateway: FakeGateway) -> None:
    """Neither detector nor model server is asked again, and the faces are the same."""
    first = await kept(gateway, request())
    second = await gateway.analyzer.analyze(request())
    assert (first.cache, second.cache) == (CacheStatus.MISS, CacheStatus.HIT)
    assert first.findings == second.findings
    assert len(gateway.detector.budgets) == len(gateway.torchserve.calls) == 1


async def test_only_faces_that_are_not_known_go_to_the_model_server(
    gateway: FakeGateway,
) -> None:
    """Known and new faces come back in the detector's order, after one look-up for all."""
    other = JPEG + b"2"
    gateway.detector.outcomes |= {JPEG: (b"one", b"two"), other: (b"new", b"two", b"newer")}
    await kept(gateway, request())
    gateway.cache.lookups.clear()
    analysis = await gateway.analyzer.analyze(request(other))
    assert gateway.torchserve.calls[1][1] == (crop_of(b"new"), crop_of(b"newer"))
    assert [face.probabilities for face in analysis.findings.faces] == [
        probabilities_of(crop_of(seed), len(LABELS)) for seed in (b"new", b"two", b"newer")
    ]
    assert [len(keys) for keys in gateway.cache.lookups] == [1, 3]


async def test_faces_that_are_all_known_need_no_model_server(gateway: FakeGateway) -> None:
    """The answer still says who computed them."""
    other = JPEG + b"2"
    gateway.detector.outcomes |= {JPEG: (b"one",), other: (b"one",)}
    await kept(gateway, request())
    analysis = await gateway.analyzer.analyze(request(other))
    assert len(gateway.torchserve.calls) == 1
    assert analysis.findings.served_by == "torchserve"
    assert analysis.timings.infer == 0


async def test_twins_do_not_share_answers(gateway: FakeGateway) -> None:
    """What one framework computed is never given as the other's."""
    await kept(gateway, request(model=PYTORCH))
    assert (await gateway.analyzer.analyze(request(model=TENSORFLOW))).cache is CacheStatus.MISS
    assert len(gateway.tensorflow.calls) == 1


async def test_a_new_detector_finds_nothing_in_the_cache(gateway: FakeGateway) -> None:
    """Its boxes and crops may be other ones."""
    await kept(gateway, request())
    gateway.detector.version = "2"
    assert (await gateway.analyzer.analyze(request())).cache is CacheStatus.MISS


async def test_a_detector_that_changed_meanwhile_keeps_its_answer_as_its_own(
    gateway: FakeGateway,
) -> None:
    """Never as the answer of the one that was known when the request came."""
    gateway.detector.delay_seconds = 0.02
    asked = asyncio.create_task(kept(gateway, request()))
    await gateway.detector.called.wait()
    gateway.detector.version = "2"
    assert (await asked).findings.detector.version == "2"
    assert (await gateway.analyzer.analyze(request())).cache is CacheStatus.HIT
    gateway.detector.version = "1"
    assert (await gateway.analyzer.analyze(request())).cache is CacheStatus.MISS


async def test_no_store_leaves_no_trace_and_sees_none(gateway: FakeGateway) -> None:
    """Not even single faces are looked up or kept."""
    await kept(gateway, request())
    before = dict(gateway.cache.values)
    gateway.cache.lookups.clear()
    analysis = await kept(gateway, request(no_store=True))
    assert analysis.cache is CacheStatus.BYPASS
    assert gateway.cache.values == before
    assert gateway.cache.lookups == []
    assert len(gateway.torchserve.calls) == 2


async def test_only_answers_are_kept_no_pictures(gateway: FakeGateway) -> None:
    """Neither the picture nor a crop of it is anywhere in the cache."""
    await kept(gateway, request())
    everything = b"".join(gateway.cache.values) + b"".join(gateway.cache.values.values())
    assert everything
    assert JPEG not in everything
    assert crop_of(JPEG)[:16] not in everything


async def test_without_its_cache_it_answers_all_the_same(gateway: FakeGateway) -> None:
    """And says that the cache had no part in it."""
    gateway.cache.away = True
    analysis = await gateway.analyzer.analyze(request())
    assert analysis.cache is CacheStatus.BYPASS
    assert len(analysis.findings.faces) == 1


async def test_garbage_in_the_cache_is_a_miss(gateway: FakeGateway) -> None:
    """And is replaced by the right answer."""
    await kept(gateway, request())
    for key in gateway.cache.values:
        gateway.cache.values[key] = b"\x00garbage"
    assert (await kept(gateway, request())).cache is CacheStatus.MISS
    assert (await gateway.analyzer.analyze(request())).cache is CacheStatus.HIT


async def test_errors_are_not_kept(gateway: FakeGateway) -> None:
    """A part that is back is asked again."""
    gateway.torchserve.away = ModelServerUnavailableError("torchserve", PYTORCH)
    with pytest.raises(ModelServerUnavailableError):
        await gateway.analyzer.analyze(request())
    await gateway.analyzer.settle()
    assert gateway.cache.values == {}
    gateway.torchserve.away = None
    assert (await gateway.analyzer.analyze(request())).cache is CacheStatus.MISS


@pytest.mark.parametrize("part", ["detector", "torchserve"])
async def test_a_cached_answer_comes_while_a_part_is_away(gateway: FakeGateway, part: str) -> None:
    """And a new picture gets the part's error."""
    error: GatewayError = DetectorUnavailableError()
    await kept(gateway, request())
    getattr(gateway, part).away = error
    assert (await gateway.analyzer.analyze(request())).cache is CacheStatus.HIT
    with pytest.raises(DetectorUnavailableError):
        await gateway.analyzer.analyze(request(JPEG + b"new"))


async def test_two_hundred_identical_requests_are_computed_once(gateway: FakeGateway) -> None:
    """All are answered alike."""
    gateway.detector.delay_seconds = 0.05
    analyses = await asyncio.gather(
        *(gateway.analyzer.analyze(request(caller=str(one))) for one in range(200))
    )
    assert len(gateway.detector.budgets) == len(gateway.torchserve.calls) == 1
    assert {analysis.findings for analysis in analyses} == {analyses[0].findings}


@pytest.mark.parametrize(("no_store", "times"), [(False, 1), (True, 0)])
async def test_a_picture_is_hashed_only_for_the_cache(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, times: int, *, no_store: bool
) -> None:
    """Hashing a large one takes longer than everything else here."""
    hashed = hashed_by(monkeypatch)
    await kept(gateway, request(no_store=no_store))
    assert len(hashed) == times


async def test_a_request_with_no_store_does_not_join_one_whose_answer_is_kept(
    gateway: FakeGateway,
) -> None:
    """Two flights for the same picture, and only one leaves a trace."""
    gateway.detector.delay_seconds = 0.02
    await asyncio.gather(
        gateway.analyzer.analyze(request()), gateway.analyzer.analyze(request(no_store=True))
    )
    assert len(gateway.detector.budgets) == 2


async def test_a_caller_who_leaves_stops_the_work(gateway: FakeGateway) -> None:
    """The detector's call is cancelled, and the place is free again."""
    gateway.detector.delay_seconds = 5
    caller = asyncio.create_task(gateway.analyzer.analyze(request()))
    await asyncio.sleep(0.02)
    assert gateway.analyzer.in_flight == 1
    caller.cancel()
    await asyncio.wait([caller])
    await asyncio.sleep(0.01)
    assert gateway.detector.cancelled == 1
    assert gateway.analyzer.in_flight == 0


async def test_the_budget_shrinks_at_every_hop(gateway: FakeGateway) -> None:
    """The model server has what the detector left."""
    gateway.detector.delay_seconds = 0.05
    await gateway.analyzer.analyze(request(seconds=2))
    (detector,) = gateway.detector.budgets
    ((_, _, backend),) = gateway.torchserve.calls
    assert 2 >= detector > 1
    assert backend <= detector - 0.05


async def test_a_deadline_ends_the_wait(gateway: FakeGateway) -> None:
    """The error names the part that was waited for, and the model server is not asked."""
    gateway.detector.delay_seconds = 5
    started = asyncio.get_running_loop().time()
    with pytest.raises(DeadlineExceededError, match="face detector"):
        await gateway.analyzer.analyze(request(seconds=0.1))
    assert asyncio.get_running_loop().time() - started < 2
    assert gateway.torchserve.calls == []


async def test_without_time_nobody_is_asked(gateway: FakeGateway) -> None:
    """A request that comes too late costs nothing."""
    with pytest.raises(DeadlineExceededError):
        await gateway.analyzer.analyze(request(seconds=0))
    assert gateway.detector.budgets == []


@pytest.mark.parametrize("callers", [("a", "b", "c"), ("a", "", "a")], ids=["of all", "of one"])
async def test_more_than_allowed_is_refused_at_once(callers: tuple[str, ...]) -> None:
    """Of all callers together, or of one, who gets a share; those inside are answered."""
    gateway = FakeGateway(max_in_flight=2)
    gateway.detector.delay_seconds = 0.05
    inside = [
        asyncio.create_task(
            gateway.analyzer.analyze(request(JPEG + bytes([number]), caller=caller))
        )
        for number, caller in enumerate(callers[:2])
        if caller
    ]
    await asyncio.sleep(0.01)
    with pytest.raises(OverloadedError):
        await gateway.analyzer.analyze(request(caller=callers[2]))
    assert len(await asyncio.gather(*inside)) == len(inside)
