"""GET /v1/models/{name}/card."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from mien_models import Registry
from tests.fakes.gateway import PYTORCH, FakeGateway, registry

CARD = "# A model\n\nÜberraschung is recognised best.\n"


@pytest.fixture
def folder(gateway: FakeGateway, tmp_path: Path) -> Path:
    """The folder of the gateway's model, where a card may lie."""
    (model,) = registry().models
    weights = tmp_path / model.weights
    weights.parent.mkdir(parents=True)
    gateway.core.models.adopt(Registry((replace(model, weights=weights),)))
    return tmp_path / model.name


async def test_the_card_is_found_by_the_link(client: httpx.AsyncClient, folder: Path) -> None:
    """As Markdown, whatever alphabet it is in."""
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    link = (await client.get(f"/v1/models/{PYTORCH}")).json()["card"]
    response = await client.get(link)
    assert (response.status_code, response.text) == (200, CARD)
    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"


@pytest.mark.usefixtures("folder")
async def test_a_model_without_a_card(client: httpx.AsyncClient) -> None:
    """Is told from one that is not there."""
    response = await client.get(f"/v1/models/{PYTORCH}/card")
    assert (response.status_code, response.json()["code"]) == (404, "no_card")
    response = await client.get("/v1/models/none/card")
    assert (response.status_code, response.json()["code"]) == (404, "unknown_model")
