"""What is measured: how many rounds of which cells."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mien_bench.compare.pairs import Pair


class Way(StrEnum):
    """How a face is put to a framework."""

    GATEWAY = "gateway"
    """A picture to the gateway, over REST."""
    SERVER = "server"
    """Faces to the model server, over gRPC."""
    GRAPH = "graph"
    """In process: what the server runs, TorchScript or the SavedModel's `tf.function`."""
    CALL = "keras-call"
    """In process: `model(faces)`."""
    ON_BATCH = "keras-predict-on-batch"
    """In process: `model.predict_on_batch(faces)`."""
    PREDICT = "keras-predict"
    """In process: `model.predict(faces)`."""


SERVED = (Way.GATEWAY, Way.SERVER)
# In the order of their first calls: what the servers run before anything that would warm it up.
INSIDE = (Way.GRAPH, Way.CALL, Way.PREDICT, Way.ON_BATCH)


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One thing that is measured of both twins."""

    pair: str
    way: Way
    clients: int
    batch: int
    """Faces in a message, or in a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one run does."""

    pairs: tuple[Pair, ...]
    rounds: int
    seconds: float
    """Of a slice of served load; each twin has two slices a round."""
    clients: tuple[int, ...] = (1, 4, 16)
    batches: tuple[int, ...] = (1, 4, 16)
    inside_batches: tuple[int, ...] = (1, 4, 16)
    starts: int = 3
    idle_seconds: float = 5.0
    """For how long it is watched what the parts use while nobody asks."""

    @property
    def warm_up_seconds(self) -> float:
        """Before each slice, not counted: the other twin has just had the processor's caches."""
        return 0.15 * self.seconds

    @property
    def inside_seconds(self) -> float:
        """Of a slice in process, where nothing waits for anything."""
        return 0.4 * self.seconds

    def served_cells(self, pair: Pair) -> Iterator[Cell]:
        """Every number of clients with one face, and every batch with the fewest clients."""
        for way in SERVED:
            for clients in self.clients:
                yield Cell(pair.name, way, clients, 1)
        for batch in self.batches:
            if batch > 1:
                yield Cell(pair.name, Way.SERVER, min(self.clients), batch)

    def inside_cells(self, pair: Pair) -> Iterator[Cell]:
        """Every way within a process with every batch."""
        for way in INSIDE:
            for batch in self.inside_batches:
                yield Cell(pair.name, way, 1, batch)

    def cells(self) -> list[Cell]:
        """Return all of them."""
        return [
            cell
            for pair in self.pairs
            for cell in (*self.served_cells(pair), *self.inside_cells(pair))
        ]
