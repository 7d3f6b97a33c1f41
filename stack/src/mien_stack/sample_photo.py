"""Sends the sample photo through the running system and shows what came back."""

from importlib.resources import files
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from mien_stack.errors import SampleError

TIMEOUT_SECONDS = 30


def sample_photo() -> bytes:
    """NASA's portrait of Eileen Collins, public domain: sample/README.md."""
    return (files("mien_stack") / "sample" / "astronaut.jpg").read_bytes()


def analyze_with_every_model(rest_url: str) -> list[dict[str, Any]]:
    """One answer per served model, in the registry's order."""
    try:
        with httpx.Client(base_url=rest_url, timeout=TIMEOUT_SECONDS) as client:
            listing = client.get("/v1/models").raise_for_status().json()
            return [_analyze(client, model["name"]) for model in listing["models"]]
    except httpx.HTTPError as error:
        message = f"the gateway at {rest_url} does not answer the sample photo: {error!r}"
        raise SampleError(message) from error


def _analyze(client: httpx.Client, model: str) -> dict[str, Any]:
    response = client.post(
        "/v1/analyze",
        params={"model": model},
        content=sample_photo(),
        headers={"Content-Type": "image/jpeg", "Cache-Control": "no-store"},
    )
    answer: dict[str, Any] = response.json()
    if response.status_code != httpx.codes.OK:
        message = f"{model} answers the sample photo with {response.status_code}: {answer}"
        raise SampleError(message)
    if not answer["faces"]:
        message = f"{model} found no face in the sample photo, which shows one"
        raise SampleError(message)
    return answer


def show(answers: list[dict[str, Any]], console: Console) -> None:
    """Print one row per model and face."""
    # Without lines between the columns it fits into 80 characters.
    table = Table(title="Faces of the sample photo", title_justify="left", box=None, pad_edge=False)
    for heading in ("model", "box", "expression", "time"):
        table.add_column(heading)
    for answer in answers:
        for face in answer["faces"]:
            table.add_row(*_row(answer, face))
    console.print(table)
    for answer in answers:
        console.print(
            f"{answer['model']['name']}: detected by {answer['detector']['name']}, "
            f"served by {answer['served_by']}",
            soft_wrap=True,
            highlight=False,
        )


def _row(answer: dict[str, Any], face: dict[str, Any]) -> list[str]:
    box = face["box"]
    return [
        answer["model"]["name"],
        f"{box['width']:.0f}x{box['height']:.0f} at {box['x']:.0f},{box['y']:.0f}",
        f"{face['top']['label']} {face['top']['probability']:.1%}",
        f"{answer['timings_ms']['total']:.0f} ms",
    ]
