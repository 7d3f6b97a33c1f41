"""The four clients of mien_client against the whole system: one result, whoever asks."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from mien_client import (
    Analysis,
    BadInputError,
    FrameProblem,
    InvalidRequestError,
    NotAllowedError,
    NotOfferedError,
    Problem,
    RefusedError,
    UnknownNameError,
    UnreachableError,
)
from tests.fakes.clients import KINDS, opened
from tests.running_system import System, free_ports

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

TENSORFLOW = "fer2013-squeezenet-tensorflow"

# What two calls never have in common, and what REST alone tells.
OWN = {"request_id", "timings_ms", "infer_ms", "cache", "server", "ready", "parts", "models"}
# REST has six decimals of a probability, and two of a pixel.
PROBABILITY, PLACE = 1e-6, 0.06


def urls(system: System) -> tuple[str, str]:
    return system.settings.rest_url, f"grpc://127.0.0.1:{system.settings.grpc_port}"


@pytest.fixture(params=KINDS)
def client(request: pytest.FixtureRequest, system: System) -> Iterator[Any]:
    """Each of the four."""
    with opened(request.param, *urls(system), timeout=30.0) as client:
        yield client


@pytest.fixture(params=KINDS[:2])
def rest_client(request: pytest.FixtureRequest, system: System) -> Iterator[Any]:
    """The two that speak REST."""
    with opened(request.param, *urls(system), timeout=30.0) as client:
        yield client


@pytest.fixture
def reference(system: System) -> Iterator[Any]:
    """The one that the others are held against."""
    with opened("rest", *urls(system), timeout=30.0) as client:
        yield client


def differences(one: Any, other: Any, place: str = "") -> list[str]:
    """Where two results are not the same."""
    if is_dataclass(one) and not isinstance(one, type):
        assert type(one) is type(other), place
        one, other = asdict(one), asdict(other)
    if isinstance(one, dict):
        ordered = list if "probabilities" in place else set
        assert ordered(one) == ordered(other), place
        pairs = [(one[name], other[name], f"{place}.{name}") for name in one if name not in OWN]
        return [found for pair in pairs for found in differences(*pair)]
    if isinstance(one, list | tuple):
        assert len(one) == len(other), place
        pairs = [(mine, its, f"{place}[{i}]") for i, (mine, its) in enumerate(zip(one, other))]  # noqa: B905
        return [found for pair in pairs for found in differences(*pair)]
    if isinstance(one, float):
        exact = "probabilit" in place or "difference" in place
        close = abs(one - other) <= (PROBABILITY if exact else PLACE)
        return [] if close else [f"{place}: {one} and {other}"]
    return [] if one == other else [f"{place}: {one!r} and {other!r}"]


def test_all_of_them_see_the_same_face(client: Any, reference: Any, photo: bytes) -> None:
    """With either twin, and with every option."""
    for options in ({}, {"model": TENSORFLOW}, {"minimum_confidence": 1.0, "no_store": True}):
        mine, its = client.analyze(photo, **options), reference.analyze(photo, **options)
        assert len(mine.faces) == 1
        assert differences(mine, its) == []
    assert mine.faces[0].top.label == "uncertain"
    assert mine.cache == "bypass"


def test_a_picture_may_be_a_path_or_a_file(client: Any, photo: bytes, tmp_path: Path) -> None:
    """Named in any language."""
    path = tmp_path / "Größe 写真.jpg"
    path.write_bytes(photo)
    expected = client.analyze(photo).faces
    assert client.analyze(path).faces == expected
    assert client.analyze(str(path)).faces == expected
    with path.open("rb") as file:
        assert client.analyze(file).faces == expected


def test_all_of_them_compare_and_explain(client: Any, reference: Any, photo: bytes) -> None:
    """The same differences, the same maps, the same pictures."""
    mine = client.compare(photo)
    assert differences(mine, reference.compare(photo)) == []
    assert set(mine.timings_ms) == {"detect", "infer_pytorch", "infer_tensorflow"}
    mine = client.explain(photo, label="sad", overlay=True)
    assert differences(mine, reference.explain(photo, label="sad", overlay=True)) == []
    (face,) = mine.faces
    assert face.explained.label == "sad"
    assert face.overlay_png.startswith(b"\x89PNG")
    assert (len(face.heat_map.rows), len(face.heat_map.rows[0])) == (48, 48)


def test_all_of_them_know_the_models(client: Any, reference: Any) -> None:
    """In the same order; one of them by its name."""
    assert differences(client.models(), reference.models()) == []
    assert differences(client.model(TENSORFLOW), reference.model(TENSORFLOW)) == []
    assert client.status().ready


def raised(ask: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        ask()
    return caught.value


def test_all_of_them_are_refused_in_the_same_words(
    client: Any, reference: Any, photo: bytes
) -> None:
    """The same kind of error, the same code, the same sentence."""
    wrong: dict[Callable[[Any], object], type[RefusedError]] = {
        lambda one: one.analyze(b"this is no picture"): BadInputError,
        lambda one: one.analyze(photo[:2000]): BadInputError,
        lambda one: one.analyze(b""): BadInputError,
        lambda one: one.analyze(b"\xff\xd8\xff" + bytes(12_000_000)): BadInputError,
        lambda one: one.analyze(photo, model="nobody"): UnknownNameError,
        lambda one: one.model("nobody"): UnknownNameError,
        lambda one: one.explain(photo, label="bored"): UnknownNameError,
        lambda one: one.analyze(photo, session="not / allowed"): InvalidRequestError,
        lambda one: list(one.stream([photo], consent=False)): NotAllowedError,
        lambda one: list(one.stream([photo], consent=True, model="nobody")): UnknownNameError,
    }
    for ask, kind in wrong.items():
        mine, its = raised(lambda: ask(client)), raised(lambda: ask(reference))  # noqa: B023
        assert type(mine) is type(its) is kind
        assert mine.code == its.code
        if mine.code != "image_too_large":  # gRPC's own words, where its message is too long
            assert mine.detail == its.detail


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_there(kind: str, photo: bytes) -> None:
    """At once, with the address and what to do."""
    port = free_ports(["nobody"])["nobody"]
    rest, grpc = f"http://127.0.0.1:{port}", f"grpc://127.0.0.1:{port}"
    with opened(kind, rest, grpc) as client:
        for ask in (client.status, lambda: list(client.stream([photo], consent=True))):
            begun = time.monotonic()
            with pytest.raises(UnreachableError, match=rf"127\.0\.0\.1:{port}.*make up"):
                ask()
            assert time.monotonic() - begun < 5


def frames(photo: bytes, number: int, pause: float = 0.0) -> Iterator[bytes]:
    for place in range(number):
        time.sleep(pause)
        yield photo + bytes([place])


def test_no_frame_of_a_stream_is_lost(client: Any, photo: bytes) -> None:
    """Each has its result, in order, and the face keeps its number."""
    results = list(client.stream(frames(photo, 25), consent=True))
    assert [one.frame for one in results] == list(range(1, 26))
    assert {one.dropped_frames for one in results} == {0}
    assert {face.track for one in results for face in one.faces} == {1}


def test_the_newest_frame_wins_where_asked_for(client: Any, photo: bytes) -> None:
    """What was overtaken is counted; the last one has its result."""
    camera = frames(photo, 60, pause=0.004)
    results = list(client.stream(camera, consent=True, newest_wins=True))
    numbers = [one.frame for one in results]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 60
    assert results[-1].dropped_frames == 60 - len(numbers)


def test_a_bad_frame_does_not_end_a_stream(client: Any, photo: bytes) -> None:
    """It has a problem in its place."""
    first, second, third = client.stream([photo, b"nothing", photo], consent=True)
    assert isinstance(second, FrameProblem)
    assert second.code == "unsupported_media_type"
    assert (first.frame, second.frame, third.frame) == (1, 2, 3)
    assert len(first.faces) == len(third.faces) == 1


def test_what_the_frames_raise_comes_out(client: Any, photo: bytes) -> None:
    """After the results of those that came before."""

    def breaking() -> Iterator[bytes]:
        yield photo
        message = "the camera was pulled out"
        raise OSError(message)

    seen: list[int] = []
    with pytest.raises(OSError, match="pulled out"):
        seen.extend(one.frame for one in client.stream(breaking(), consent=True))
    with pytest.raises(OSError, match="pulled out"):
        list(client.stream(breaking(), consent=True, newest_wins=True))


def test_a_stream_may_be_left(client: Any, photo: bytes) -> None:
    """And another one begun."""
    for _ in range(2):
        stream = client.stream(frames(photo, 1000), consent=True)
        assert next(stream).frame == 1
        stream.close()
    assert client.analyze(photo).faces


def test_a_session_has_a_timeline(client: Any, rest_client: Any, photo: bytes) -> None:
    """Whoever filled it, REST reads it and forgets it."""
    session = f"test-{time.time_ns()}"
    client.analyze(photo, session=session)
    list(client.stream(frames(photo, 3), consent=True, session=session))
    entries = rest_client.timeline(session)
    assert len(entries) == 4
    assert {face.label for entry in entries for face in entry.faces} == {"happy"}
    later = rest_client.timeline(session, start=entries[2].at)
    assert later == entries[2:]
    rest_client.forget(session)
    with pytest.raises(UnknownNameError) as caught:
        rest_client.timeline(session)
    assert caught.value.code == "unknown_session"


def test_many_pictures_at_once(rest_client: Any, photo: bytes) -> None:
    """An analysis or a problem for each, in their order."""
    one, two, three = rest_client.analyze_many([photo, b"nothing", photo])
    assert isinstance(one, Analysis)
    assert two == Problem(
        "unsupported_media_type",
        "This is not a picture of a known format: send a JPEG, PNG, WebP or BMP",
    )
    assert three.faces == one.faces == rest_client.analyze(photo).faces
    assert rest_client.analyze_many([]) == []


def test_what_people_read(rest_client: Any, photo: bytes) -> None:
    """A drawn picture, a card, the notice in two languages, how the parts are."""
    assert rest_client.annotated(photo).startswith(b"\xff\xd8")
    assert rest_client.annotated(photo, picture_format="png").startswith(b"\x89PNG")
    assert "FER2013" in rest_client.card(TENSORFLOW)
    assert rest_client.notice("de").language == "de"
    assert rest_client.notice().language == "en"
    status = rest_client.status()
    assert status.parts["redis"] == "up"
    assert all(status.models.values())


@pytest.mark.parametrize("kind", KINDS[2:])
def test_what_grpc_does_not_offer(kind: str, system: System, photo: bytes, tmp_path: Path) -> None:
    """It says who does."""
    with opened(kind, *urls(system)) as client:
        calls = {
            "analyze_many": lambda: client.analyze_many([photo]),
            "annotated": lambda: client.annotated(photo),
            "card": lambda: client.card(TENSORFLOW),
            "notice": client.notice,
            "timeline": lambda: client.timeline("somebody"),
            "forget": lambda: client.forget("somebody"),
            "upload_video": lambda: client.upload_video(b"a video"),
            "video": lambda: client.video("a"),
            "follow_video": lambda: list(client.follow_video("a")),
            "cancel_video": lambda: client.cancel_video("a"),
            "delete_video": lambda: client.delete_video("a"),
            "video_results": lambda: client.video_results("a"),
            "save_video": lambda: client.save_video("a", "timeline.csv", tmp_path),
        }
        for name, call in calls.items():
            with pytest.raises(NotOfferedError, match=f"`{name}`.*http://"):
                call()
    assert list(tmp_path.iterdir()) == []
