"""Every error has its place in every table, and every status its error."""

from collections.abc import Callable

import grpc
import grpc.aio
import pytest
from mien.v1 import face_detector_pb2 as pb

from mien_gateway import errors
from mien_gateway.clients.channel import ErrorMap, map_errors
from mien_gateway.clients.face_detector import detector_errors, image_faults
from mien_gateway.clients.model_server import backend_errors
from mien_gateway.clients.torchserve import torchserve_errors
from mien_gateway.grpc.errors import STATUS_CODES
from mien_gateway.http.problems import PROBLEMS
from tests.fakes.gateway import PYTORCH
from tests.fakes.gateway_wire import refusal

ALL = set(errors.concrete_errors())
TABLES: dict[str, Callable[[], ErrorMap]] = {
    "detector": lambda: detector_errors(1000),
    "backend": lambda: backend_errors("server", PYTORCH),
    "torchserve": lambda: torchserve_errors("torchserve", PYTORCH),
}


def failure(code: grpc.StatusCode, status: grpc.Status | None = None) -> grpc.aio.AioRpcError:
    trailing = grpc.aio.Metadata(*(status.trailing_metadata if status else ()))
    return grpc.aio.AioRpcError(
        code,
        initial_metadata=grpc.aio.Metadata(),
        trailing_metadata=trailing,
        details=status.details if status else "secret internals",
    )


def test_every_error_has_a_problem() -> None:
    """REST knows a status and a title for all of them."""
    assert set(PROBLEMS) == ALL


def test_every_error_has_a_status_code() -> None:
    """So does gRPC."""
    assert set(STATUS_CODES) == ALL


def test_codes_are_unique() -> None:
    """A program that relies on a code meets one error."""
    codes = [kind.code for kind in ALL]
    assert len(codes) == len(set(codes))


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """What is drawn is what there is."""
    for kind in ALL:
        assert f"- {kind.__name__}" in (errors.__doc__ or "")


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code.value[0]])
def test_every_status_of_a_hop_becomes_an_error(name: str, code: grpc.StatusCode) -> None:
    """Whatever a neighbour answers is one of ours, and shows nothing of its words."""
    with pytest.raises(errors.GatewayError) as caught, map_errors(TABLES[name]()):
        raise failure(code)
    assert type(caught.value) in ALL
    assert "secret" not in caught.value.detail


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("detector", grpc.StatusCode.UNAVAILABLE, errors.DetectorUnavailableError),
        ("detector", grpc.StatusCode.RESOURCE_EXHAUSTED, errors.OverloadedError),
        ("detector", grpc.StatusCode.DEADLINE_EXCEEDED, errors.DeadlineExceededError),
        ("detector", grpc.StatusCode.INTERNAL, errors.BadDetectorAnswerError),
        ("backend", grpc.StatusCode.UNAVAILABLE, errors.ModelServerUnavailableError),
        ("backend", grpc.StatusCode.NOT_FOUND, errors.ModelServerUnavailableError),
        ("backend", grpc.StatusCode.RESOURCE_EXHAUSTED, errors.OverloadedError),
        ("backend", grpc.StatusCode.DEADLINE_EXCEEDED, errors.DeadlineExceededError),
        ("backend", grpc.StatusCode.INTERNAL, errors.BadModelAnswerError),
        ("torchserve", grpc.StatusCode.INTERNAL, errors.ModelServerUnavailableError),
    ],
)
def test_what_a_status_means(
    name: str, code: grpc.StatusCode, expected: type[errors.GatewayError]
) -> None:
    """The meanings that callers see."""
    with pytest.raises(expected), map_errors(TABLES[name]()):
        raise failure(code)


def test_every_fault_of_a_picture_is_known() -> None:
    """The detector reports nothing that has no error."""
    expected = set(pb.ImageFault.keys()) - {"IMAGE_FAULT_UNSPECIFIED"}
    assert set(image_faults(1000)) == expected


@pytest.mark.parametrize(
    "status",
    [
        refusal("IMAGE_FAULT_UNSPECIFIED"),
        refusal("IMAGE_FAULT_OF_TOMORROW"),
        refusal("IMAGE_FAULT_EMPTY", domain="elsewhere"),
    ],
    ids=["unspecified", "unknown", "another domain"],
)
def test_a_refusal_that_names_no_known_fault_is_a_bad_answer(status: grpc.Status) -> None:
    """A caller is blamed only for what is surely his."""
    with pytest.raises(errors.BadDetectorAnswerError), map_errors(detector_errors(1000)):
        raise failure(grpc.StatusCode.INVALID_ARGUMENT, status)
