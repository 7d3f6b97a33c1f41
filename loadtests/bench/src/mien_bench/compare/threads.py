"""Equal threads: TensorFlow Serving gets as many as TorchServe has for one model."""

import re
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from mien_bench.compare.pairs import PYTORCH, Pair
from mien_stack.settings import StackSettings
from mien_stack.supervisor import Process

_BATCHING = "--batching_parameters_file="
_INTRA_OP = "--tensorflow_intra_op_parallelism="
_THREADS = re.compile(r"num_batch_threads\s*\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Threads:
    """How many batches a server computes at a time, and with how many threads each."""

    batches: int
    each: int
    joined_requests: int
    """So many waiting requests TorchServe joins at most; TensorFlow Serving up to its batch."""

    def describe(self) -> str:
        """Return a sentence for the report."""
        joined = f"up to {self.joined_requests}" if self.joined_requests > 1 else "no"
        return (
            f"either server computes {self.batches} at a time, with {self.each} of the "
            f"framework's threads; TorchServe joins {joined} waiting requests, TensorFlow Serving "
            "as many as wait"
        )


def archive_of(pair: Pair, settings: StackSettings) -> Path:
    """Return where the pair's archive for TorchServe lies in the store."""
    return settings.model_store / "torchserve" / f"{pair.twin(PYTORCH).name}.mar"


def torchserve_threads(archive: Path) -> Threads:
    """Read them from the configuration inside the archive."""
    with zipfile.ZipFile(archive) as opened:
        config = yaml.safe_load(opened.read("model-config.yaml"))
    return Threads(config["maxWorkers"], config["handler"]["threads"], config["batchSize"])


def with_equal_threads(process: Process, settings: StackSettings, pair: Pair) -> Process:
    """Return the part; TensorFlow's with a batching configuration of its own, in the run folder."""
    if process.name != "tensorflow":
        return process
    threads = torchserve_threads(archive_of(pair, settings))
    (given,) = (word for word in process.argv if word.startswith(_BATCHING))
    text = Path(given.removeprefix(_BATCHING)).read_text(encoding="utf-8")
    own = settings.run_dir / "batching.config"
    own.parent.mkdir(parents=True, exist_ok=True)
    wanted = f"num_batch_threads {{ value: {threads.batches} }}"
    own.write_text(_THREADS.sub(wanted, text), encoding="utf-8")
    return replace(process, argv=[_changed(word, own, threads.each) for word in process.argv])


def _changed(word: str, batching: Path, threads: int) -> str:
    if word.startswith(_BATCHING):
        return f"{_BATCHING}{batching}"
    return f"{_INTRA_OP}{threads}" if word.startswith(_INTRA_OP) else word
