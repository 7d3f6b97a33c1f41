import warnings
from pathlib import Path

import pytest

from mien_torch_serving.settings import TorchServeSettings
from tests.fakes.torch_model import write_registry

with warnings.catch_warnings():
    # TorchServe's package leaves a file open when it is imported.
    warnings.simplefilter("ignore", ResourceWarning)
    import ts  # noqa: F401 - so that it is imported here and now


@pytest.fixture
def settings(tmp_path: Path) -> TorchServeSettings:
    return TorchServeSettings(
        registry=write_registry(tmp_path / "models"),
        store=tmp_path / "store",
        run_dir=tmp_path / "run",
    )
