"""What TorchServe is told of the models that it starts with."""

import json

import pytest

from mien_models import load_registry
from mien_torch_serving.archive.contents import archive_name, served_here
from mien_torch_serving.errors import ArchiveError
from mien_torch_serving.settings import TorchServeSettings
from mien_torch_serving.snapshot import snapshot
from tests.fakes.torch_model import SERVED_NAME, build_tiny


@pytest.mark.parametrize(("size", "delay_ms"), [(1, 0), (2, 0), (8, 50)])
def test_only_batches_of_more_than_two_wait_for_company(
    settings: TorchServeSettings, size: int, delay_ms: int
) -> None:
    """Two that wait already are joined all the same; the archive says it, whoever starts it."""
    chosen = settings.model_copy(update={"batch_size": size, "max_batch_delay_ms": 50})
    build_tiny(chosen)
    told = json.loads(snapshot(settings.store, served_here(load_registry(settings.registry))))
    assert told["modelCount"] == 1
    entry = told["models"][SERVED_NAME]["3"]
    assert (entry["batchSize"], entry["maxBatchDelay"]) == (size, delay_ms)
    assert entry["marName"] == f"{SERVED_NAME}.mar"
    assert entry["minWorkers"] == entry["maxWorkers"] == settings.workers
    assert entry["responseTimeout"] == settings.response_timeout_seconds


def test_an_archive_without_options_is_named(settings: TorchServeSettings) -> None:
    """The remedy stands in the sentence."""
    (served,) = served_here(load_registry(settings.registry))
    settings.store.mkdir()
    (settings.store / archive_name(served)).write_bytes(b"no archive")
    with pytest.raises(ArchiveError, match=rf"{SERVED_NAME}\.mar cannot be read .*build it again"):
        snapshot(settings.store, [served])
