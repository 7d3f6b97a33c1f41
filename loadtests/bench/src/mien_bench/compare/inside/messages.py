"""What is said between the measuring program and the one with the framework: lines of JSON."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class First:
    """One way, made ready and used for the first time; the program says so unasked."""

    way: str
    load_seconds: float
    """From the file to something that can be called, without importing the framework."""
    first_ms: float
    """Of the first call, with one face."""
    probabilities: list[list[float]]
    """Of the first faces, one row each, to hold against the others'."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Said before the first way."""

    import_seconds: float
    """Of the framework and Keras, from the start of the program."""


@dataclass(frozen=True, slots=True)
class Run:
    """Asks for one slice."""

    way: str
    batch: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Ran:
    """One slice."""

    latencies: list[float]
    """Seconds of each call."""
    seconds: float
    cpu_seconds: float
    """Of the whole process."""
