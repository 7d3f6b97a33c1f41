"""What can be wrong with a request, or with who makes it."""

from collections.abc import Sequence

from mien_gateway.errors.base import CallerError

_LONGEST_NAME_SHOWN = 100


class InvalidRequestError(CallerError):
    """The request's form is wrong; the detail says where."""

    code = "invalid_request"


class UnknownModelError(CallerError):
    """No model of that name is served."""

    code = "unknown_model"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"There is no model {_shown(name)}: choose one of {', '.join(known)}")


class UnknownLabelError(CallerError):
    """The model knows no expression of that name."""

    code = "unknown_label"

    def __init__(self, label: str, known: Sequence[str]) -> None:
        super().__init__(
            f"The model knows no expression {_shown(label)}: choose one of {', '.join(known)}"
        )


class NoTwinError(CallerError):
    """The model is served in one framework only."""

    code = "no_twin"

    def __init__(self, model: str) -> None:
        super().__init__(f"{model} has no twin in the other framework: nothing to compare it with")


class NoCardError(CallerError):
    """The model came without a card."""

    code = "no_card"

    def __init__(self, model: str) -> None:
        super().__init__(f"{model} has no card here: ask the operator for it")


class UnknownSessionError(CallerError):
    """Nothing is kept under that id."""

    code = "unknown_session"

    def __init__(self) -> None:
        super().__init__("Nothing is kept under this session's id: it may have expired")


class UnauthenticatedError(CallerError):
    """A key is needed, and none or a wrong one came."""

    code = "unauthenticated"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason}: send one as `Authorization: Bearer <key>` or `X-Api-Key: <key>`"
        )


class OriginForbiddenError(CallerError):
    """A page of another site called."""

    code = "origin_forbidden"

    def __init__(self) -> None:
        super().__init__(
            "Pages of this origin may not call: "
            "the operator can add it to MIEN_GATEWAY_CORS_ORIGINS"
        )


class HostForbiddenError(CallerError):
    """The request is for a host that the gateway does not answer for."""

    code = "host_forbidden"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"The gateway does not answer for the host {_shown(host)}: "
            "the operator can add it to MIEN_GATEWAY_ALLOWED_HOSTS"
        )


def _shown(name: str) -> str:
    return repr(name if len(name) <= _LONGEST_NAME_SHOWN else f"{name[:_LONGEST_NAME_SHOWN]}...")
