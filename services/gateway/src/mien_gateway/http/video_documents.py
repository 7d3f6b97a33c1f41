"""How a job looks as JSON."""

from datetime import UTC, datetime
from typing import Any

from mien_gateway.video.job import JobState, VideoJob


def present_job(job: VideoJob) -> dict[str, Any]:
    """Return the document of a job."""
    options = job.options.as_record()
    model = options.pop("model")
    document: dict[str, Any] = {
        "id": job.id,
        "state": job.state.value,
        "progress": round(job.progress, 4),
        "frames": {
            "done": job.frames_done,
            "expected": job.frames_expected,
            "unreadable": job.frames_unreadable,
        },
        "created": _timestamp(job.created),
        "started": _timestamp(job.started),
        "ended": _timestamp(job.ended),
        "model": model,
        "options": options,
        "problem": {"code": job.code, "detail": job.detail} if job.code else None,
        "links": _links(job),
    }
    return document


def _links(job: VideoJob) -> dict[str, str]:
    here = f"/v1/videos/{job.id}"
    links = {"self": here}
    if not job.state.is_final:
        links |= {"events": f"{here}/events", "cancel": f"{here}/cancel"}
    if job.state is JobState.SUCCEEDED:
        for name in ("results.json", "timeline.csv", "subtitles.vtt"):
            links[name.partition(".")[0]] = f"{here}/{name}"
        if job.options.annotate:
            links["annotated"] = f"{here}/annotated.mp4"
    return links


def _timestamp(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    at = datetime.fromtimestamp(seconds, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
