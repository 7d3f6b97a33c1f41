"""Turns the .proto files into the Python package `mien` while the wheel is built."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc_tools
from grpc_tools import protoc
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONTRACTS = ("mien/v1/face_detector.proto", "mien/v1/emotion.proto")
FOREIGN = ("tfserving.proto", "torchserve.proto")


class StubsHook(BuildHookInterface[Any]):
    """Generates into a temporary folder and adds what came out to the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run protoc; a contract that does not compile ends the build."""
        del version
        self._folder = TemporaryDirectory()
        stubs = Path(self._folder.name)
        generate(Path(self.root), stubs)
        build_data["force_include"][str(stubs / "mien")] = "mien"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Drop the temporary folder; the wheel is written."""
        del version, build_data, artifact_path
        self._folder.cleanup()


def generate(protos: Path, out: Path) -> None:
    """Write stubs, with types, for every contract under `protos` into `out`."""
    status = protoc.main(
        [
            "protoc",
            f"--proto_path={protos}",
            # Gives the foreign contracts the module path mien.third_party.
            f"--proto_path=mien/third_party={protos / 'third_party'}",
            f"--proto_path={Path(grpc_tools.__file__).parent / '_proto'}",
            f"--plugin=protoc-gen-mypy={shutil.which('protoc-gen-mypy')}",
            f"--plugin=protoc-gen-mypy_grpc={shutil.which('protoc-gen-mypy_grpc')}",
            f"--python_out={out}",
            f"--grpc_python_out={out}",
            f"--mypy_out={out}",
            f"--mypy_grpc_out={out}",
            *CONTRACTS,
            *(f"mien/third_party/{name}" for name in FOREIGN),
        ]
    )
    if status != 0:
        message = f"protoc ended with {status}: see its message above"
        raise RuntimeError(message)
    for package in (out / "mien", out / "mien" / "v1", out / "mien" / "third_party"):
        (package / "__init__.py").touch()
    (out / "mien" / "py.typed").touch()
