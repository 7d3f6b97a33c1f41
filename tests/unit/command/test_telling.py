"""Every error of the library has an exit status and a sentence."""

import pytest

from mien_client import errors
from mien_client.command.statuses import ExitStatus
from mien_client.command.telling import concerns_one_input, told


def refused(kind: type[errors.RefusedError], code: str = "some_code") -> errors.RefusedError:
    return kind(code, "The detail", request_id="4b1d", retry_after_seconds=3.0)


EXAMPLES: list[tuple[errors.MienError, ExitStatus, str]] = [
    (errors.UnreachableError("http://there", "refused"), ExitStatus.AWAY, "--url"),
    (errors.AnswerTimeoutError("http://there", "2 s are over"), ExitStatus.AWAY, "--timeout"),
    (errors.BadAnswerError("http://there", "no JSON"), ExitStatus.AWAY, "--url"),
    (errors.NotOfferedError("video", "grpc://there:1"), ExitStatus.MISUSED, ""),
    (errors.MissingExtraError("gRPC", "grpc"), ExitStatus.MISUSED, ""),
    (refused(errors.BadInputError), ExitStatus.FAILED, ""),
    (refused(errors.InvalidRequestError), ExitStatus.MISUSED, ""),
    (refused(errors.UnknownNameError, "no_twin"), ExitStatus.MISUSED, "mien models"),
    (refused(errors.NotAllowedError, "unauthenticated"), ExitStatus.MISUSED, "MIEN_API_KEY"),
    (refused(errors.NotReadyError), ExitStatus.FAILED, ""),
    (refused(errors.BusyError), ExitStatus.AWAY, "in 3 s"),
    (refused(errors.UnavailableError), ExitStatus.AWAY, "mien status"),
    (refused(errors.StreamEndedError), ExitStatus.FAILED, ""),
    (refused(errors.GatewayFaultError), ExitStatus.FAILED, "4b1d"),
    (refused(errors.RefusedError), ExitStatus.FAILED, ""),
]


@pytest.mark.parametrize(("error", "status", "advice"), EXAMPLES)
def test_an_error_is_told(error: errors.MienError, status: ExitStatus, advice: str) -> None:
    """With its own sentence, its status, and advice where the sentence has none."""
    said = told(error)
    assert said.sentence == str(error)
    assert said.status is status
    assert advice in said.remedy


def test_no_error_of_the_library_is_forgotten() -> None:
    """A new one has to be placed here first."""
    leaves = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.MienError)
    } - {errors.MienError}
    assert leaves == {type(error) for error, _, _ in EXAMPLES}


def test_only_what_no_picture_can_get_past_stops_the_others() -> None:
    """A server that is not there, a wrong key or name; a slow or busy one may do the next."""
    stopping = {type(error) for error, _, _ in EXAMPLES if not concerns_one_input(error)}
    assert stopping == {
        errors.UnreachableError,
        errors.BadAnswerError,
        errors.NotOfferedError,
        errors.MissingExtraError,
        errors.InvalidRequestError,
        errors.UnknownNameError,
        errors.NotAllowedError,
    }
    assert concerns_one_input(errors.UnreachableError("http://there", "reset", connected=True))
