"""Equal threads."""

import zipfile
from pathlib import Path

import pytest
import yaml

from mien_bench.compare.pairs import Pair
from mien_bench.compare.threads import Threads, archive_of, torchserve_threads, with_equal_threads
from mien_stack.processes import processes
from mien_stack.settings import StackSettings

BATCHING = """\
# The store's.
num_batch_threads { value: 8 }
batch_timeout_micros { value: 0 }
"""


@pytest.fixture
def settings(tmp_path: Path, pair: Pair) -> StackSettings:
    """A model store whose TorchServe has two workers of three threads each."""
    settings = StackSettings(run_dir=tmp_path / "run", model_store=tmp_path / "store")
    (settings.model_store / "tensorflow").mkdir(parents=True)
    (settings.model_store / "tensorflow" / "batching.config").write_text(BATCHING)
    archive = archive_of(pair, settings)
    archive.parent.mkdir()
    config = {"maxWorkers": 2, "batchSize": 1, "handler": {"threads": 3}}
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("model-config.yaml", yaml.safe_dump(config))
    return settings


def test_torchserves_threads_stand_in_the_archive(settings: StackSettings, pair: Pair) -> None:
    """Not in settings, which may be others by now."""
    assert torchserve_threads(archive_of(pair, settings)) == Threads(2, 3, 1)


def test_tensorflow_serving_gets_as_many(settings: StackSettings, pair: Pair) -> None:
    """By a file of its own: the store's is another system's too."""
    changed = {one.name: with_equal_threads(one, settings, pair) for one in processes(settings)}
    flags = dict(
        word.removeprefix("--").split("=") for word in changed["tensorflow"].argv if "=" in word
    )
    assert flags["tensorflow_intra_op_parallelism"] == "3"
    assert flags["tensorflow_inter_op_parallelism"] == "1"
    own = Path(flags["batching_parameters_file"])
    assert own.is_relative_to(settings.run_dir)
    assert own.read_text() == BATCHING.replace("8", "2")
    assert (settings.model_store / "tensorflow" / "batching.config").read_text() == BATCHING
    assert [one for one in processes(settings) if one != changed[one.name]] == [
        one for one in processes(settings) if one.name == "tensorflow"
    ]


def test_what_is_joined_is_said() -> None:
    """It is the other thing that makes servers unequal."""
    assert "TorchServe joins no waiting requests" in Threads(1, 1, 1).describe()
    assert "TorchServe joins up to 8 waiting requests" in Threads(1, 1, 8).describe()
