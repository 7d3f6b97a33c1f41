"""What can go wrong before TorchServe runs.

TorchServingError
├── ArchiveError        an archive cannot be built, or is not the one that was built
├── UnsafeConfigError   the settings would open TorchServe to strangers
└── StartError          TorchServe cannot be started on this machine
    ├── JavaMissingError
    └── PortInUseError
"""


class TorchServingError(Exception):
    """Base of all; the message names the thing and the remedy."""


class ArchiveError(TorchServingError):
    """An archive cannot be built, or is not the one that was built."""


class UnsafeConfigError(TorchServingError):
    """The settings would open TorchServe to strangers."""


class StartError(TorchServingError):
    """TorchServe cannot be started on this machine."""


class JavaMissingError(StartError):
    """No Java of the version that TorchServe needs."""


class PortInUseError(StartError):
    """Somebody else listens where TorchServe should."""
