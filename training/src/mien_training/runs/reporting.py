"""What people see of a run: a line an epoch with the time left, and curves for TensorBoard."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tensorboardX import SummaryWriter

_CURVES = ("loss", "validation_loss", "accuracy", "learning_rate", "seconds")


@contextmanager
def epoch_reporter(
    folder: Path, epochs: int, say: Callable[[str], None]
) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Yield what reports an epoch: says a line and writes ``folder``/tensorboard."""
    writer = SummaryWriter(str(folder / "tensorboard"))

    def report(meta: dict[str, Any]) -> None:
        for name in _CURVES:
            writer.add_scalar(name, meta[name], meta["epoch"])
        writer.flush()
        say(epoch_line(meta, epochs))

    try:
        yield report
    finally:
        writer.close()


def epoch_line(meta: dict[str, Any], epochs: int) -> str:
    """Return one line about an epoch; the time left takes all epochs for as long as this one."""
    left = (epochs - meta["epoch"]) * meta["seconds"] / 60
    return (
        f"epoch {meta['epoch']}/{epochs}  loss {meta['loss']:.4f}  "
        f"validation loss {meta['validation_loss']:.4f} accuracy {meta['accuracy']:.4f} "
        f"(best {meta['best']:.4f})  {meta['seconds']:.0f} s, about {left:.0f} min left"
    )
