"""Pictures to the gateway: REST, the body is the picture, nothing is known or kept."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp

from mien_bench.errors import WrongAnswerError
from mien_models.registry import ServedModel

HEADERS = {"Content-Type": "image/jpeg", "Cache-Control": "no-store"}
_OK = 200
# Probabilities come with six decimals.
_TOLERANCE = 1e-4


@dataclass(slots=True)
class GatewayClient:
    """Asks, and insists on one face, computed anew by the model that was asked for."""

    session: aiohttp.ClientSession
    rest_url: str
    detectors: set[str] = field(default_factory=set)
    """What the answers say that found the faces."""

    async def analyze(self, model: ServedModel, picture: bytes) -> dict[str, float]:
        """Return the probability of each label.

        Raises:
            WrongAnswerError: the answer is not what it must be.
        """
        where = f"{self.rest_url}/v1/analyze?model={model.name}"
        async with self.session.post(where, data=picture, headers=HEADERS) as answer:
            if answer.status != _OK:
                message = f"{answer.status}: {(await answer.text())[:200]}"
                raise WrongAnswerError(message)
            document: dict[str, Any] = await answer.json()
        self.detectors.add(document["detector"]["name"])
        return _checked(document, model)


def _checked(document: dict[str, Any], model: ServedModel) -> dict[str, float]:
    if document["model"]["name"] != model.name or document["cache"] != "bypass":
        message = f"{document['model']['name']} answered, cache {document['cache']}"
        raise WrongAnswerError(message)
    found = document["faces"]
    if len(found) != 1:
        message = f"{len(found)} faces were found in a picture of one"
        raise WrongAnswerError(message)
    probabilities: dict[str, float] = found[0]["probabilities"]
    if abs(sum(probabilities.values()) - 1) > _TOLERANCE:
        message = f"the probabilities of {model.name} do not sum to 1"
        raise WrongAnswerError(message)
    return probabilities
