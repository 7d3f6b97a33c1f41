"""Which error stands for which of the gateway's codes: one table for every transport."""

from collections.abc import Mapping

from mien_client import errors

KINDS: Mapping[str, type[errors.RefusedError]] = {
    **dict.fromkeys(
        (
            "empty_image",
            "image_too_large",
            "invalid_base64",
            "no_face_found",
            "too_many_pixels",
            "unreadable_image",
            "unsupported_media_type",
            "unsupported_video",
            "upload_too_slow",
            "video_too_large",
        ),
        errors.BadInputError,
    ),
    "invalid_request": errors.InvalidRequestError,
    **dict.fromkeys(
        (
            "no_card",
            "no_twin",
            "unknown_label",
            "unknown_model",
            "unknown_session",
            "unknown_video",
            "video_not_annotated",
        ),
        errors.UnknownNameError,
    ),
    **dict.fromkeys(
        ("consent_required", "host_forbidden", "origin_forbidden", "unauthenticated"),
        errors.NotAllowedError,
    ),
    "results_not_ready": errors.NotReadyError,
    **dict.fromkeys(("overloaded", "rate_limited"), errors.BusyError),
    **dict.fromkeys(
        (
            "detector_unavailable",
            "job_store_unavailable",
            "model_server_unavailable",
            "shutting_down",
            "timelines_unavailable",
        ),
        errors.UnavailableError,
    ),
    **dict.fromkeys(("slow_reader", "stream_idle", "stream_too_long"), errors.StreamEndedError),
    **dict.fromkeys(
        ("bad_detector_answer", "bad_model_answer", "internal_error"), errors.GatewayFaultError
    ),
}

DEADLINE_EXCEEDED = "deadline_exceeded"
"""The gateway's word for our own timeout."""

PROXY_UNAVAILABLE = "proxy_unavailable"
"""Our word for what a proxy says while no gateway is behind it."""


def refusal(
    code: str,
    detail: str,
    *,
    status: int | None = None,
    request_id: str = "",
    retry_after_seconds: float | None = None,
) -> errors.RefusedError:
    """Return the error for a code; one that this client does not know is a plain refusal."""
    kind = KINDS.get(code, errors.RefusedError)
    return kind(
        code,
        detail,
        status=status,
        request_id=request_id,
        retry_after_seconds=retry_after_seconds,
    )
