"""What is imported when, and what is said where an extra is missing."""

import subprocess
import sys

EXTRAS = ("grpc", "grpc_health", "grpc_status", "google.protobuf", "mien", "av", "PIL")
OURS_ALONE = ("mien_gateway", "mien_models", "mien_stack", "numpy", "fastapi")


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_rest_needs_no_extra() -> None:
    """Nor a server's package."""
    program = (
        "import sys, mien_client; mien_client.Client('http://localhost:1').close();"
        f"print(*[name for name in {(*EXTRAS, *OURS_ALONE)} if name in sys.modules])"
    )
    assert run(program) == ""


def test_grpc_is_imported_where_it_is_used() -> None:
    """So that the test above can fail."""
    program = (
        "import sys, mien_client; mien_client.Client('grpc://localhost:1').close();"
        "print('grpc' in sys.modules)"
    )
    assert run(program) == "True"


def test_a_missing_extra_names_the_command() -> None:
    """For either client; it is an ImportError, too."""
    program = """
import sys
sys.modules["grpc"] = None  # as if it were not installed
import mien_client
for client in (mien_client.Client, mien_client.AsyncClient):
    try:
        client("grpc://localhost:1")
    except ImportError as error:
        print(type(error).__name__, error)
"""
    said = run(program).splitlines()
    assert len(said) == 2
    assert all("MissingExtraError" in line for line in said)
    assert all("pip install ./protos './client[grpc]'" in line for line in said)
