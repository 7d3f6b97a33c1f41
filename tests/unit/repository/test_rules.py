"""Rules that hold across the whole repository."""

import ast
import subprocess
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SERVICES = {
    "mien_gateway": ROOT / "services" / "gateway",
    "mien_detector": ROOT / "services" / "face-detector",
    "mien_torch_serving": ROOT / "services" / "torch-serving",
    "mien_tf_serving": ROOT / "services" / "tf-serving",
}
SHARED = {"mien", "mien_models"}
LINES_AT_MOST = 500


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).exists()]


def imported_packages(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", SERVICES)
def test_services_share_contracts_and_the_model_list_only(package: str) -> None:
    """A service never imports another one, nor the training."""
    sources = list((SERVICES[package] / "src").rglob("*.py"))
    assert sources
    ours = {
        name
        for name in chain.from_iterable(imported_packages(source) for source in sources)
        if name == "mien" or name.startswith("mien_")
    }
    assert ours <= SHARED | {package}


def test_the_gateway_imports_no_framework() -> None:
    """TensorFlow and PyTorch cost seconds and hundreds of megabytes at import."""
    sources = (SERVICES["mien_gateway"] / "src").rglob("*.py")
    found = set(chain.from_iterable(imported_packages(source) for source in sources))
    assert not found & {"tensorflow", "torch", "keras", "numpy", "cv2"}


def test_no_source_file_is_too_long() -> None:
    """What does not fit into 500 lines is more than one concept."""
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked("*.py", "*.proto")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LINES_AT_MOST
    }
    assert long == {}


def test_no_large_file_is_tracked() -> None:
    """Weights stay under 5 MB, and no data set gets in."""
    large = [str(path) for path in tracked() if path.stat().st_size > 5_000_000]
    assert large == []
