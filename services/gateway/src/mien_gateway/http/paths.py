"""Which paths are open to all, and which answer with what was recognised."""

NOTICE = "/v1/notice"

OPEN = frozenset({"/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", NOTICE})
"""No key is asked for there, and no call is counted."""

PROBED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked for by machines, all the time: no spans are recorded there."""

_ABOUT_MODELS = "/v1/models"


def analyses(path: str) -> bool:
    """Whether answers may say something about a face; what is unknown may."""
    return path not in OPEN and not path.startswith(_ABOUT_MODELS)
