"""Every error has its code in every transport."""

import grpc
import pytest
from tensorflow_serving.apis import get_model_status_pb2

from mien_tf_serving.embedded.codes import GRPC_CODES, HTTP_STATUSES, status_code
from mien_tf_serving.embedded.versions import State
from mien_tf_serving.errors import NotFound, ServingError


def test_no_error_is_missing_in_a_table() -> None:
    """A new error without a code would be answered with a crash."""
    errors = set(ServingError.__subclasses__())
    assert set(GRPC_CODES) == errors
    assert set(HTTP_STATUSES) == errors


@pytest.mark.parametrize(("error", "number"), [(None, 0), (NotFound("x"), 5)])
def test_a_status_carries_the_number_of_the_code(error: ServingError | None, number: int) -> None:
    """The numbers of StatusProto are those of gRPC."""
    assert status_code(error) == number
    assert grpc.StatusCode.NOT_FOUND.value[0] == 5


def test_the_states_are_those_of_the_contract() -> None:
    """The numbers go over the wire as they are."""
    states = get_model_status_pb2.ModelVersionStatus.State.items()
    assert {name: number for name, number in states if name != "UNKNOWN"} == {
        state.name: state.value for state in State
    }
