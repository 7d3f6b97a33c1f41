"""Which machine, in which state: without it no figure means anything."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

_GIB = 2**30
PACKAGES = (
    *("torch", "torchserve", "tensorflow-cpu", "keras", "onnxruntime", "opencv-python-headless"),
    *("fastapi", "uvicorn", "grpcio", "redis"),
)


def machine() -> dict[str, str]:
    """Describe the machine and its load now, without anything that names it."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return {
        "processor": _processor(),
        "logical cores": str(psutil.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / _GIB:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "load before (1, 5, 15 min)": load,
    }


def versions(packages: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """Return the version of each package that is installed."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
