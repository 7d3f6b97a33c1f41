"""Which paths are open to all, and which answer with what was recognised."""

NOTICE = "/v1/notice"

OIP = "/v2"
"""Where the Open Inference Protocol has its place."""
OIP_LIVE = f"{OIP}/health/live"
OIP_READY = f"{OIP}/health/ready"

OPEN = frozenset(
    {
        "/healthz",
        "/readyz",
        "/metrics",
        "/docs",
        "/openapi.json",
        NOTICE,
        OIP_LIVE,
        OIP_READY,
    }
)
"""No key is asked for there, and no call is counted."""

PROBED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked for by machines, all the time: no spans are recorded there."""

_ABOUT_MODELS = "/v1/models"


def open_inference(path: str) -> bool:
    """Whether the caller speaks the Open Inference Protocol."""
    return path == OIP or path.startswith(f"{OIP}/")


def analyses(path: str) -> bool:
    """Whether answers may say something about a face; what is unknown may."""
    if open_inference(path):
        return path.endswith("/infer")
    return path not in OPEN and not path.startswith(_ABOUT_MODELS)
