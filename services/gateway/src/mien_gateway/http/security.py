"""How the API's description says where a key goes, so that /docs has a field for it."""

from typing import Any

from fastapi import FastAPI

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, `mien_...`"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
}
# The last one is none: not every gateway asks for a key.
_ANY: list[dict[str, list[str]]] = [{"bearer": []}, {"header": []}, {}]


def describe_keys(app: FastAPI) -> None:
    """Add the schemes to the description, which is made when it is first asked for."""
    describe = app.openapi

    def with_keys() -> dict[str, Any]:
        description = describe()
        description.setdefault("components", {})["securitySchemes"] = _SCHEMES
        description["security"] = _ANY
        return description

    app.openapi = with_keys  # type: ignore[method-assign] # FastAPI's own way to extend it
