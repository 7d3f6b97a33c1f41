"""The command that starts TorchServe, and what must lie ready for it.

TorchServe's own `torchserve` script starts Java in the background and forgets it. Here
Java takes the place of our process, so that whoever supervises it sees it and signals it.
"""

import hashlib
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
from mien_torch_serving.archive.contents import archive_name
from mien_torch_serving.archive.stamp import verify
from mien_torch_serving.errors import PortInUseError, StartError
from mien_torch_serving.java import find_java
from mien_torch_serving.settings import TorchServeSettings

LOG_CONFIG = Path(__file__).with_name("log4j2.xml")
CONFIG_NAME = "config.properties"


@dataclass(frozen=True, kw_only=True)
class Launch:
    """A process to be started."""

    argv: tuple[str, ...]
    environment: dict[str, str]
    directory: Path


def command(settings: TorchServeSettings, environment: Mapping[str, str]) -> Launch:
    """The Java process that is TorchServe; `prepare` must have run before it starts.

    Raises JavaMissingError when there is no Java for it.
    """
    packages = _site_packages()
    run_dir = settings.run_dir.resolve()
    argv = (
        str(find_java(environment)),
        *_java_options(settings),
        f"-Dmodel_server_home={packages}",
        f"-Dlog4j.configurationFile={LOG_CONFIG.as_uri()}",
        f"-Djava.io.tmpdir={temporary_dir(settings)}",
        *("-cp", str(packages / "ts" / "frontend" / "*")),
        "org.pytorch.serve.ModelServer",
        *("--python", sys.executable),
        *("-f", str(run_dir / CONFIG_NAME)),
        *("-s", str(settings.store.resolve())),
        "-ncs",
    )
    return Launch(argv=argv, environment=_environment(settings, environment), directory=run_dir)


def prepare(settings: TorchServeSettings, models: Sequence[ServedModel]) -> None:
    """Check archives and ports, empty the temporary folder, write the configuration.

    Raises ArchiveError, PortInUseError or UnsafeConfigError, before anything is changed.
    """
    for served in models:
        verify(served, settings.store)
    text = config.render(config.properties(settings, [archive_name(model) for model in models]))
    _refuse_used_ports(settings)
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    (settings.run_dir / CONFIG_NAME).write_text(text, encoding="ascii")
    folder = temporary_dir(settings)
    # Unpacked archives and sockets of a server that was killed.
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        message = f"{folder} cannot be made ({error.strerror}): remove it"
        raise StartError(message) from error


def temporary_dir(settings: TorchServeSettings) -> Path:
    """Where TorchServe unpacks archives and keeps its workers' sockets, one per run folder.

    Not in the run folder: the path of a socket must be shorter than 108 characters.
    """
    digest = hashlib.sha256(str(settings.run_dir.resolve()).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"mien-torchserve-{digest}"


def _java_options(settings: TorchServeSettings) -> tuple[str, ...]:
    return (
        f"-Xmx{settings.heap_megabytes}m",
        "-XX:+UseSerialGC",
        # A Java that lacks memory limps; one that ends is started again.
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
    )


def _environment(settings: TorchServeSettings, given: Mapping[str, str]) -> dict[str, str]:
    # TS_CONFIG_FILE and its kin would override the configuration.
    kept = {key: value for key, value in given.items() if not key.startswith("TS_")}
    threads = str(settings.threads)
    return kept | {
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "TS_DECODE_INPUT_REQUEST": "false",
    }


def _refuse_used_ports(settings: TorchServeSettings) -> None:
    wanted = {
        settings.rest_port: settings.host,
        settings.grpc_port: settings.host,
        settings.management_port: config.LOOPBACK,
        settings.management_grpc_port: config.LOOPBACK,
        settings.metrics_port: config.LOOPBACK,
    }
    for port, host in wanted.items():
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                message = (
                    f"TorchServe cannot listen on {host}:{port} ({error.strerror}): stop what "
                    "does, or choose another port with MIEN_TORCHSERVE_..._PORT"
                )
                raise PortInUseError(message) from error


def _site_packages() -> Path:
    spec = find_spec("ts")
    if spec is None or spec.origin is None:
        message = "TorchServe is not installed: pip install torchserve==0.12.0"
        raise StartError(message)
    return Path(spec.origin).parents[1]
