"""Where training runs: all graphics cards that the framework sees, else the processor."""

from collections.abc import Iterator
from contextlib import contextmanager

from mien_training.backend import Framework


@contextmanager
def all_devices(framework: Framework, kind: str = "GPU") -> Iterator[str]:
    """Place what is built and trained inside on all devices of a kind, if there are any.

    Yields a phrase that names them. On several cards TensorFlow splits every batch between them
    and adds the gradients up; each card has its own statistics of normalisation.
    """
    if framework == "pytorch":
        yield _torch_devices()
        return
    import tensorflow as tf  # noqa: PLC0415 - only the chosen framework is imported

    if kind == "GPU":
        for card in tf.config.list_physical_devices(kind):
            # Take memory as it is needed: TensorFlow would take all of it, from every neighbour.
            tf.config.experimental.set_memory_growth(card, enable=True)
    cards = tf.config.list_logical_devices(kind)
    if len(cards) < 2:  # noqa: PLR2004 - one card needs no splitting
        yield "one graphics card" if cards else "the processor"
        return
    with tf.distribute.MirroredStrategy([card.name for card in cards]).scope():
        yield f"{len(cards)} devices"


def _torch_devices() -> str:
    import torch  # noqa: PLC0415 - only the chosen framework is imported

    cards = torch.cuda.device_count()
    if cards > 1:
        return f"the first of {cards} graphics cards (torchrun trains on all of them)"
    return "one graphics card" if cards else "the processor"
