"""The command that starts TorchServe, and what must lie ready for it.

TorchServe's own `torchserve` script starts Java in the background and forgets it. Here
Java takes the place of our process, so that whoever supervises it sees it and signals it.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from mien_models import ServedModel
from mien_torch_serving import config
from mien_torch_serving.archive.contents import archive_name, verify
from mien_torch_serving.errors import PortInUseError, StartError
from mien_torch_serving.java import find_java
from mien_torch_serving.settings import TorchServeSettings
from mien_torch_serving.snapshot import snapshot

LOG_CONFIG = Path(__file__).with_name("log4j2.xml")
CONFIG_NAME = "config.properties"

_MIB = 1024 * 1024
# glibc gives what a forward pass has freed back to the system, and takes it again page by page
# in the next: half of the time of ten faces. Setting one of the two would freeze the other low.
_KEEP_FREED_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": str(128 * _MIB),
    "MALLOC_MMAP_THRESHOLD_": str(32 * _MIB),  # the largest that glibc accepts
}


@dataclass(frozen=True, kw_only=True)
class Launch:
    """A process to be started."""

    argv: tuple[str, ...]
    environment: dict[str, str]
    directory: Path


def command(
    settings: TorchServeSettings, environment: Mapping[str, str], temporary: Path
) -> Launch:
    """The Java process that is TorchServe; `temporary` is what `prepare` returned.

    Raises JavaMissingError when there is no Java for it.
    """
    packages = _site_packages()
    run_dir = settings.run_dir.resolve()
    argv = (
        str(find_java(environment)),
        *_java_options(settings),
        f"-Dmodel_server_home={packages}",
        f"-Dlog4j.configurationFile={LOG_CONFIG.as_uri()}",
        f"-Djava.io.tmpdir={temporary}",
        *("-cp", str(packages / "ts" / "frontend" / "*")),
        "org.pytorch.serve.ModelServer",
        *("--python", sys.executable),
        *("-f", str(run_dir / CONFIG_NAME)),
        *("-s", str(settings.store.resolve())),
        "-ncs",
    )
    return Launch(argv=argv, environment=_environment(settings, environment), directory=run_dir)


def prepare(settings: TorchServeSettings, models: Sequence[ServedModel]) -> Path:
    """Check archives and ports, write the configuration, return a fresh temporary folder.

    Raises ArchiveError, PortInUseError or UnsafeConfigError, before anything is changed.
    """
    for served in models:
        verify(served, settings.store)
    values = config.properties(settings, [archive_name(model) for model in models])
    # It takes the place of `load_models`, which our health check reads.
    values["model_snapshot"] = snapshot(settings.store, models)
    text = config.render(values)
    _refuse_used_ports(settings)
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    (settings.run_dir / CONFIG_NAME).write_text(text, encoding="ascii")
    sweep(settings)
    return make_temporary_dir(settings)


def make_temporary_dir(settings: TorchServeSettings) -> Path:
    """A folder for unpacked archives and the sockets of workers.

    Not in the run folder: the path of a socket must be shorter than 108 characters. Another
    one at each start: a worker of a killed server must not meet those of the next.
    """
    return Path(tempfile.mkdtemp(prefix=_prefix(settings)))


def lock(folder: Path) -> int:
    """Lock a temporary folder for as long as this process lives, and Java in its place.

    Returns the file descriptor that holds the lock; raises OSError when another process does.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    os.set_inheritable(descriptor, True)
    return descriptor


def sweep(settings: TorchServeSettings) -> None:
    """Remove the temporary folders of servers of this run folder that were killed."""
    for left in Path(tempfile.gettempdir()).glob(f"{_prefix(settings)}*"):
        # Locked: a server that lives, on other ports.
        with contextlib.suppress(OSError):
            descriptor = lock(left)
            shutil.rmtree(left, ignore_errors=True)
            os.close(descriptor)


def _prefix(settings: TorchServeSettings) -> str:
    digest = hashlib.sha256(str(settings.run_dir.resolve()).encode()).hexdigest()[:16]
    return f"mien-torchserve-{digest}-"


def _java_options(settings: TorchServeSettings) -> tuple[str, ...]:
    # Java only passes bytes on here. Its second compiler, a large young generation and
    # Netty's pools cost twice the memory and twice the CPU time per request, measured.
    return (
        f"-Xmx{settings.heap_megabytes}m",
        "-Xms48m",
        "-Xmn24m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Dio.netty.allocator.type=unpooled",
        # A Java that lacks memory limps; one that ends is started again.
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
    )


def _environment(settings: TorchServeSettings, given: Mapping[str, str]) -> dict[str, str]:
    # TS_CONFIG_FILE and its kin would override the configuration.
    kept = {key: value for key, value in given.items() if not key.startswith("TS_")}
    threads = str(settings.threads)
    set_here = {
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "TS_DECODE_INPUT_REQUEST": "false",
    }
    return _KEEP_FREED_MEMORY | kept | set_here


def _refuse_used_ports(settings: TorchServeSettings) -> None:
    hosts = {
        "rest_port": str(settings.host),
        "grpc_port": str(settings.host),
        "management_port": config.LOOPBACK,
        "management_grpc_port": config.LOOPBACK,
        "metrics_port": str(settings.metrics_host),
    }
    for name, host in hosts.items():
        port = getattr(settings, name)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                message = (
                    f"TorchServe cannot listen on {host}:{port} ({error.strerror}): stop what "
                    f"does, or choose another port with MIEN_TORCHSERVE_{name.upper()}"
                )
                raise PortInUseError(message) from error


def _site_packages() -> Path:
    spec = find_spec("ts")
    if spec is None or spec.origin is None:
        message = "TorchServe is not installed: pip install torchserve==0.12.0"
        raise StartError(message)
    return Path(spec.origin).parents[1]
