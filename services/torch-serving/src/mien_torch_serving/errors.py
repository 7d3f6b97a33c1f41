"""What can go wrong before TorchServe runs.

TorchServingError
├── ArchiveError        an archive cannot be built, or is not the one that was built
├── UnknownModelsError  the settings name models that the registry does not have
├── UnsafeConfigError   the settings would open TorchServe to strangers
└── StartError          TorchServe cannot be started on this machine
    ├── JavaMissingError
    └── PortInUseError
"""

from collections.abc import Sequence


class TorchServingError(Exception):
    """Base of all; the message names the thing and the remedy."""


class ArchiveError(TorchServingError):
    """An archive cannot be built, or is not the one that was built."""


class UnknownModelsError(TorchServingError):
    """The settings name models that the registry does not have."""

    def __init__(self, unknown: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(
            f"MIEN_TORCHSERVE_MODELS names {', '.join(unknown)}, and the registry has "
            f"{', '.join(known)} for TorchServe"
        )


class UnsafeConfigError(TorchServingError):
    """The settings would open TorchServe to strangers."""


class StartError(TorchServingError):
    """TorchServe cannot be started on this machine."""


class JavaMissingError(StartError):
    """No Java of the version that TorchServe needs."""


class PortInUseError(StartError):
    """Somebody else listens where TorchServe should."""
