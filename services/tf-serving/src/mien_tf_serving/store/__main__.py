"""Builds the model store.

python -m mien_tf_serving.store --registry models/registry.yaml --store build/model-store/tensorflow
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mien_models import RegistryError, load_registry
from mien_tf_serving.errors import StoreError
from mien_tf_serving.store.builder import build_store, run_exporter


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, say what was built, and return the exit status."""
    # What TensorFlow says at import is for its developers.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    parser = argparse.ArgumentParser(
        prog="python -m mien_tf_serving.store",
        description="Builds the SavedModels and the configuration that TensorFlow Serving reads.",
    )
    parser.add_argument("--registry", type=Path, required=True, help="models/registry.yaml")
    parser.add_argument("--store", type=Path, required=True, help="folder to build in")
    parser.add_argument(
        "--batch-threads",
        type=int,
        help="batches computed at a time (default: as many as this machine has processors)",
    )
    options = parser.parse_args(arguments)
    try:
        registry = load_registry(options.registry)
        done = build_store(registry, options.store, run_exporter, options.batch_threads)
    except (RegistryError, StoreError, OSError) as error:
        sys.stderr.write(f"mien_tf_serving.store: {error}\n")
        return 1
    for one in done:
        sys.stdout.write(f"{one.name}/{one.version}: {'up to date' if one.skipped else 'built'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
