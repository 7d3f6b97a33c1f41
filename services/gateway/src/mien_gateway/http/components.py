"""What the parts of the API's description refer to: bodies, errors, and where a key goes."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from mien_gateway.http import schemas, schemas_oip
from mien_gateway.http.documents import REQUESTS, reference
from mien_gateway.http.examples import PROBLEM_EXAMPLE
from mien_gateway.http.problems import MEDIA_TYPE

_SCHEMAS: dict[str, Any] = {
    **REQUESTS,
    "InferenceRequest": schemas_oip.request_schema(),
    "InferenceError": schemas_oip.InferenceError.model_json_schema(),
    "Problem": schemas.Problem.model_json_schema(),
}


def _error(model: type[BaseModel], media_type: str, **example: Any) -> dict[str, Any]:
    content = {media_type: {"schema": reference(model.__name__), **example}}
    return {"description": model.__doc__, "content": content}


_RESPONSES = {
    "Problem": _error(schemas.Problem, MEDIA_TYPE, example=PROBLEM_EXAMPLE),
    "InferenceError": _error(schemas_oip.InferenceError, "application/json"),
}
_SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, `mien_...`"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
}
# The last one is none: not every gateway asks for a key.
_ANY: list[dict[str, list[str]]] = [{"bearer": []}, {"header": []}, {}]


def add_components(app: FastAPI) -> None:
    """Add them to the description, which is made when it is first asked for."""
    describe = app.openapi

    def with_components() -> dict[str, Any]:
        description = describe()
        components = description.setdefault("components", {})
        components["schemas"] = dict(sorted({**components.get("schemas", {}), **_SCHEMAS}.items()))
        components["responses"] = _RESPONSES
        components["securitySchemes"] = _SECURITY_SCHEMES
        description["security"] = _ANY
        for methods in description["paths"].values():
            for method, operation in methods.items():
                _add_refusals(method, operation["responses"])
        return description

    app.openapi = with_components  # type: ignore[method-assign] # FastAPI's own way to extend it


def _add_refusals(method: str, responses: dict[str, Any]) -> None:
    """Say where a foreign host or origin is refused: wherever a missing key is."""
    if refusal := responses.get("401"):
        responses["421"] = refusal
        if method != "get":
            responses["403"] = refusal
