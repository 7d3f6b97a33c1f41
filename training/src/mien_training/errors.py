"""Errors of the training package.

TrainingError
├── DataError            a data file is missing, unreadable or of the wrong shape
├── ConfigError          a recipe or a command line asks for what does not exist
├── CheckpointError      a checkpoint cannot be read or belongs to another run
├── WeightsError         a weights file does not fit the architecture
├── RunError             a run cannot go on: it diverged or the memory did not suffice
├── ExportError          an exported graph is missing a layer or disagrees with its model
├── EvaluationError      a stated figure is not what was measured
└── GateError            a model may not be registered yet
"""


class TrainingError(Exception):
    """Root of everything this package raises on purpose; the message names the remedy."""


class DataError(TrainingError):
    """A data file is missing, unreadable or of the wrong shape."""


class ConfigError(TrainingError):
    """A recipe or a command line asks for something that does not exist."""


class CheckpointError(TrainingError):
    """A checkpoint cannot be read or belongs to another run."""


class WeightsError(TrainingError):
    """A weights file does not fit the architecture."""


class RunError(TrainingError):
    """A run cannot go on: it diverged or the memory did not suffice."""


class ExportError(TrainingError):
    """An exported graph lacks a layer or disagrees with the model it came from."""


class EvaluationError(TrainingError):
    """A stated figure is not what was measured."""


class GateError(TrainingError):
    """A model fails a gate and may not be registered."""
