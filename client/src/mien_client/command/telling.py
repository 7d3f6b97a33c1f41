"""Errors in words: what a person can do about them, and how the command ends."""

from mien_client import errors
from mien_client.command.faults import CommandError
from mien_client.command.statuses import ExitStatus
from mien_client.refusals import DEADLINE_EXCEEDED
from mien_client.types import Problem

_AWAY = (
    errors.UnreachableError,
    errors.AnswerTimeoutError,
    errors.BadAnswerError,
    errors.BusyError,
    errors.UnavailableError,
)
_MISUSED = (
    errors.NotOfferedError,
    errors.MissingExtraError,
    errors.NotAllowedError,
    errors.UnknownNameError,
    errors.InvalidRequestError,
)


def concerns_one_input(error: errors.MienError) -> bool:
    """Return whether other inputs may well succeed: one may be slow, or come at a bad moment."""
    if isinstance(error, errors.UnreachableError):
        return error.connected
    return not isinstance(error, (errors.BadAnswerError, *_MISUSED))


def problem_of(error: errors.MienError) -> Problem:
    """Return why one input failed, with a code for programs."""
    match error:
        case errors.RefusedError():
            return Problem(error.code, error.detail)
        case errors.AnswerTimeoutError():
            return Problem(DEADLINE_EXCEEDED, str(error))
        case errors.UnreachableError():
            return Problem("connection_broken", str(error))
        case _:
            return Problem("failed", str(error))


def told(error: errors.MienError) -> CommandError:
    """Return the sentence, what to do, and the exit status."""
    if isinstance(error, _AWAY):
        status = ExitStatus.AWAY
    elif isinstance(error, _MISUSED):
        status = ExitStatus.MISUSED
    else:
        status = ExitStatus.FAILED
    return CommandError(str(error), remedy=remedy(error), status=status)


def remedy(error: errors.MienError) -> str:  # noqa: PLR0911 - one line per kind of error
    """Return what a person at a command line can do about it; empty where the error says it."""
    match error:
        case errors.UnreachableError() | errors.BadAnswerError():
            return "--url, or MIEN_URL in the environment, names another address."
        case errors.AnswerTimeoutError():
            return "--timeout SECONDS waits longer."
        case errors.UnavailableError():
            return "`mien status` tells which parts are away, `mien status --wait 60` waits."
        case errors.BusyError(retry_after_seconds=float(seconds)):
            return f"Try again in {seconds:.0f} s."
        case errors.NotAllowedError(code="unauthenticated"):
            return "--api-key, or better MIEN_API_KEY in the environment, takes the key."
        case errors.UnknownNameError(code="no_twin" | "no_card"):
            return "`mien models` lists the models."
        case errors.GatewayFaultError(request_id=identifier) if identifier:
            return f"The gateway's log knows more, under the request {identifier}."
        case _:
            return ""
