"""The configuration beside the models: which are served, and how requests are joined."""

from collections.abc import Sequence
from pathlib import Path, PurePath

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from mien_models import ServedModel

MODELS_CONFIG = "models.config"
IMAGE_CONFIG = "models.image.config"
BATCHING_CONFIG = "batching.config"
MONITORING_CONFIG = "monitoring.config"
IMAGE_BASE = PurePath("/models/tensorflow")
"""Where a container has the store, in its image or mounted."""

_LABEL = "stable"
KEPT_VERSIONS = 2
"""The newest one and the one before it: whoever asks for that still gets it."""

# Padding to the next size wastes at most a third of a batch, and there are few enough sizes
# for TensorFlow to keep the kernels of all of them.
BATCH_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)

_MONITORING = """\
# Written by `python -m mien_tf_serving.store`; the embedded server has no figures.
prometheus_config { enable: true, path: "/monitoring/prometheus/metrics" }
"""


def write_configs(store: Path, served: Sequence[ServedModel], batch_threads: int) -> None:
    """Write the configuration of both servers, here and in the image, into the store."""
    _write(store / MODELS_CONFIG, models_config(served, store.absolute()))
    _write(store / IMAGE_CONFIG, models_config(served, IMAGE_BASE))
    _write(store / BATCHING_CONFIG, batching_config(batch_threads))
    _write(store / MONITORING_CONFIG, _MONITORING)


def models_config(served: Sequence[ServedModel], base: PurePath) -> str:
    """Return the text ModelServerConfig for models whose folders lie under ``base``."""
    config = model_server_config_pb2.ModelServerConfig()
    config.model_config_list.SetInParent()
    for one in served:
        entry = config.model_config_list.config.add()
        entry.name = one.name
        entry.base_path = str(base / one.name)
        entry.model_platform = "tensorflow"
        entry.version_labels[_LABEL] = one.model.version
        # Callers name the version, and change over when the new one is there.
        entry.model_version_policy.latest.num_versions = KEPT_VERSIONS
    heading = "# Written by `python -m mien_tf_serving.store` from models/registry.yaml.\n"
    return heading + str(text_format.MessageToString(config))


def batching_config(threads: int) -> str:
    """Return the text BatchingParameters for a machine of so many ``threads``."""
    sizes = "\n".join(f"allowed_batch_sizes: {size}" for size in BATCH_SIZES)
    return f"""\
# Written by `python -m mien_tf_serving.store`.
# One thread per processor, each computing one batch at a time.
num_batch_threads {{ value: {threads} }}
# Nobody waits for company: what arrives while every thread is busy forms the next batch.
batch_timeout_micros {{ value: 0 }}
# Beyond that many waiting batches, refusing is better than letting callers time out.
max_enqueued_batches {{ value: {max(4, 2 * threads)} }}
max_batch_size {{ value: {BATCH_SIZES[-1]} }}
{sizes}
"""


def _write(path: Path, text: str) -> None:
    """Replace the file at once: a running server may be reading it."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
