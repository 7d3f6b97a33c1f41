"""Every error has a gRPC answer, and every fault of a picture an error."""

import inspect

import grpc
from mien.v1 import face_detector_pb2 as pb

from mien_detector import errors
from mien_detector.transport.errors import ANSWERS


def own_errors() -> set[type[errors.DetectorError]]:
    return {
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.DetectorError)
    }


def test_every_error_has_an_answer() -> None:
    """The table names each error of the tree, and no other."""
    assert set(ANSWERS) == own_errors()


def test_every_fault_is_the_reason_of_one_error() -> None:
    """A caller can be told each of them, and each means one thing."""
    faults = [answer.fault for answer in ANSWERS.values() if answer.fault is not None]
    assert sorted(faults) == sorted(pb.ImageFault.values())


def test_a_refused_picture_is_the_caller_s_mistake() -> None:
    """Whatever is wrong with a picture, sending it again will not help."""
    codes = {ANSWERS[kind].code for kind in own_errors() if issubclass(kind, errors.ImageError)}
    assert codes == {grpc.StatusCode.INVALID_ARGUMENT}


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """Each error is drawn."""
    drawn = errors.__doc__ or ""
    assert [kind.__name__ for kind in own_errors() if kind.__name__ not in drawn] == []
