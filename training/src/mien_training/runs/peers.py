"""Several processes that train one model, each on its stretch of every batch.

PyTorch only, started by torchrun: on one machine a process per graphics card, in a cluster a pod
per card. All of them hold the same weights: they begin with the same ones, and each step takes
the mean of everybody's gradients, which is the gradient of the whole batch. Normalisation sees
the stretch alone; its statistics are averaged after each epoch. The first process scores,
writes the checkpoints and reports; all read the same folder when they go on.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mien_training.backend import Framework
from mien_training.errors import RunError


@dataclass(frozen=True)
class Peers:
    """One process among those that train together; by itself unless told otherwise."""

    rank: int = 0
    count: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the one that writes and speaks."""
        return self.rank == 0

    def stretch(self, batch_size: int) -> slice:
        """Return the rows of a batch that are this process's.

        Raises:
            RunError: they cannot be split evenly, with both faces of a mixed pair together.
        """
        if self.count > 1 and batch_size % (2 * self.count):
            message = (
                f"a batch of {batch_size} cannot be split among {self.count} processes; "
                f"set batch_size to a multiple of {2 * self.count}"
            )
            raise RunError(message)
        rows = batch_size // self.count
        return slice(self.rank * rows, (self.rank + 1) * rows)

    def join_gradients(self, optimizer: Any) -> None:
        """Let the optimiser apply the mean of everybody's gradients.

        Before it looks at them: where one process's overflow, all must skip the step.
        """
        if self.count == 1:
            return
        apply: Callable[..., Any] = optimizer.apply

        def together(gradients: Sequence[Any], variables: Sequence[Any]) -> Any:
            self._average([one for one in gradients if one is not None])
            return apply(gradients, variables)

        optimizer.apply = together

    def join_state(self, variables: Iterable[Any]) -> None:
        """Give all processes the mean of what each has gathered by itself."""
        if self.count > 1:
            self._average([variable.value.data for variable in variables])

    def mean(self, value: float) -> float:
        """Return the mean over all processes."""
        return self._exchanged([value], _reduce)[0] / self.count

    def agree(self, values: Sequence[float]) -> list[float]:
        """Return the first process's values, so that all take the same decisions."""
        return self._exchanged(values, _broadcast)

    def _exchanged(self, values: Sequence[float], exchange: Callable[[Any], None]) -> list[float]:
        if self.count == 1:
            return list(values)
        import torch  # noqa: PLC0415 - only where PyTorch was chosen

        device = "cuda" if torch.cuda.is_available() else "cpu"
        tensor = torch.tensor(values, dtype=torch.float64, device=device)
        exchange(tensor)
        exchanged: list[float] = tensor.tolist()
        return exchanged

    def _average(self, tensors: list[Any]) -> None:
        """Put the mean over all processes into each tensor, in one message."""
        import torch  # noqa: PLC0415 - only where PyTorch was chosen

        if not tensors:
            return
        with torch.no_grad():
            flat = torch.cat([tensor.reshape(-1).float() for tensor in tensors])
            _reduce(flat)
            flat /= self.count
            parts = torch.split(flat, [tensor.numel() for tensor in tensors])
            for tensor, part in zip(tensors, parts, strict=True):
                tensor.copy_(part.reshape(tensor.shape))


@contextmanager
def joined(framework: Framework) -> Iterator[Peers]:
    """Meet the other processes that torchrun started, if it did.

    Raises:
        RunError: torchrun started several, but not for PyTorch.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Peers()
        return
    if framework != "pytorch":
        message = "torchrun is for --framework pytorch; TensorFlow uses all cards in one process"
        raise RunError(message)
    import torch  # noqa: PLC0415 - only the chosen framework is imported

    cards = torch.cuda.is_available()
    if cards:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    torch.distributed.init_process_group("nccl" if cards else "gloo")
    try:
        yield Peers(torch.distributed.get_rank(), count)
    finally:
        torch.distributed.destroy_process_group()


def _reduce(tensor: Any) -> None:
    import torch  # noqa: PLC0415

    torch.distributed.all_reduce(tensor)


def _broadcast(tensor: Any) -> None:
    import torch  # noqa: PLC0415

    torch.distributed.broadcast(tensor, 0)
