"""Imports point inward: errors and values, the core, the transports, `app`, `__main__`."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports import circle_in, imports_of, modules_of

SERVICES = Path(__file__).resolve().parents[3] / "services"
PACKAGES = sorted(path.parent for path in SERVICES.glob("*/src/*/__init__.py"))
GATEWAY = SERVICES / "gateway" / "src" / "mien_gateway"

# What each layer may import of the package; what is not named here is the core.
TRANSPORTS = ("http", "grpc")
OUTERMOST = ("wiring", "app", "worker", "__main__")


def layer(module: str) -> str:
    """Which part of the gateway a module belongs to."""
    part = module.removeprefix("mien_gateway").removeprefix(".").partition(".")[0]
    return part if part in (*TRANSPORTS, *OUTERMOST) else "core"


def of_layer(name: str) -> dict[str, set[str]]:
    """The modules of a layer, with what they import."""
    return {
        module: set(imports_of(path))
        for module, path in modules_of(GATEWAY).items()
        if layer(module) == name
    }


def test_there_is_something_to_check() -> None:
    """Every service has a package, and every layer of the gateway has modules."""
    assert GATEWAY in PACKAGES
    assert all(of_layer(name) for name in ("core", *TRANSPORTS, *OUTERMOST))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_no_imports_go_in_a_circle(package: Path) -> None:
    """Of any service: what is in a circle has no inside and no outside."""
    assert circle_in(modules_of(package)) == []


def test_the_core_knows_no_transport() -> None:
    """Neither ours nor the libraries that make one."""
    outer = {f"mien_gateway.{name}" for name in (*TRANSPORTS, *OUTERMOST)}
    servers = ("fastapi", "starlette", "uvicorn", "grpc_health", "grpc_reflection")
    for module, names in of_layer("core").items():
        forbidden = {
            name
            for name in names
            if name.split(".")[0] in servers
            or any(name == part or name.startswith(f"{part}.") for part in outer)
            or name.endswith(("Servicer", "_to_server"))
        }
        assert not forbidden, f"{module} imports {forbidden}"


@pytest.mark.parametrize(("one", "other"), [TRANSPORTS, TRANSPORTS[::-1]])
def test_the_transports_do_not_know_each_other(one: str, other: str) -> None:
    """Nor what puts them together."""
    outer = (f"mien_gateway.{other}", *(f"mien_gateway.{name}" for name in OUTERMOST))
    for module, names in of_layer(one).items():
        assert not {name for name in names if name.startswith(outer)}, module


def test_only_main_reads_the_environment() -> None:
    """Everything else is told."""
    for module, path in modules_of(GATEWAY).items():
        source = path.read_text(encoding="utf-8")
        if not module.endswith("__main__"):
            assert "environ" not in source.replace("environment", ""), module
            assert "Settings()" not in source, module


def test_importing_everything_loads_no_framework() -> None:
    """TensorFlow alone would cost five seconds and half a gigabyte."""
    names = [name for name in modules_of(GATEWAY) if not name.endswith("__main__")]
    check = (
        f"import sys, {', '.join(names)};"
        "print(*{'tensorflow', 'torch', 'keras', 'numpy', 'cv2'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
