"""Training in several processes that torchrun starts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mien_training.augmentation.batches import EpochBatches
from mien_training.errors import RunError
from mien_training.runs.peers import Peers, joined
from tests.running_system import ROOT
from tests.unit.training.plain_run import plain_parts, plain_recipe

EPOCHS = 3
PROGRAM = Path(__file__).with_name("two_processes.py")


def torchrun(
    folder: Path, processes: int, epochs: int = EPOCHS + 1
) -> subprocess.CompletedProcess[str]:
    """Train in so many processes; the first one dies after so many epochs."""
    folder.mkdir(exist_ok=True)
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
        *(f"--nproc-per-node={processes}", str(PROGRAM), str(folder), str(epochs)),
    ]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=100, env=environment
    )


def losses(folder: Path) -> list[float]:
    """Training and validation loss of each epoch."""
    files = [folder / f"losses-{epoch}.json" for epoch in range(1, EPOCHS + 1)]
    return [loss for file in files for loss in json.loads(file.read_text())]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    """The losses of one process."""
    folder = tmp_path_factory.mktemp("alone")
    done = torchrun(folder, 1)
    assert done.returncode == 0, done.stderr
    return losses(folder)


def test_two_processes_learn_what_one_learns(tmp_path: Path, alone: list[float]) -> None:
    """Each sees half of every batch, and the losses stay the same."""
    done = torchrun(tmp_path, 2)
    assert done.returncode == 0, done.stderr
    assert losses(tmp_path) == pytest.approx(alone, abs=2e-4)
    assert alone[-2] < alone[0]


def test_they_go_on_after_one_was_lost(tmp_path: Path, alone: list[float]) -> None:
    """All fail with it; started again, they learn what they would have learnt."""
    lost = torchrun(tmp_path, 2, epochs=1)
    assert lost.returncode != 0
    assert "as if it were evicted" in lost.stderr
    assert not (tmp_path / "losses-2.json").exists()
    done = torchrun(tmp_path, 2)
    assert done.returncode == 0, done.stderr
    assert losses(tmp_path) == pytest.approx(alone, abs=2e-4)


def test_stretches_are_the_batch_in_order() -> None:
    """Faces, changes and targets of all stretches together are those of the whole batch."""
    recipe, parts = plain_recipe(), plain_parts()
    whole, targets = EpochBatches(parts.training, recipe, 1)[2]
    shares = [
        EpochBatches(parts.training, recipe, 1, Peers(rank, 2).stretch(recipe.batch_size))[2]
        for rank in range(2)
    ]
    assert len(shares[0][1]) == 4
    np.testing.assert_array_equal(np.concatenate([share[1] for share in shares]), targets)
    for name, values in whole.items():
        together = np.concatenate([share[0][name] for share in shares])
        np.testing.assert_array_equal(together, values)


def test_a_batch_that_cannot_be_split_is_refused() -> None:
    """The sentence says what would do."""
    with pytest.raises(RunError, match="multiple of 6"):
        Peers(0, 3).stretch(64)
    assert Peers().stretch(63) == slice(0, 63)
    assert Peers(1, 2).stretch(64) == slice(32, 64)


def test_torchrun_is_for_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow would train the whole model in each process."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(RunError, match="--framework pytorch"), joined("tensorflow"):
        pass
    monkeypatch.delenv("WORLD_SIZE")
    with joined("tensorflow") as peers:
        assert peers == Peers(0, 1)
