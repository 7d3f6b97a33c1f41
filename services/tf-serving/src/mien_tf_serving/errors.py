"""What can go wrong.

    TfServingError
    ├── ConfigError            a flag, or a file that a flag names, is not as it must be
    ├── StoreError             the model store could not be built
    └── ServingError           a request cannot be answered
        ├── InvalidArgument        what was sent does not fit the model
        ├── NotFound               no such model or version is being served
        ├── FailedPrecondition     the model, as it stands, cannot do that
        ├── OutOfRange             an operation of the model ran past the end of something
        ├── Overloaded             too much is waiting already; try again later
        ├── ResourceExhausted      the model found no memory, or no more of something else
        ├── DeadlineExpired        the caller's time is over
        ├── Unsupported            the embedded server does not do that
        └── Failure                the model itself failed

The names of the ServingErrors follow the status codes of TensorFlow Serving, since that is
what its callers know; the tables from type to code stand with the transports.
"""


class TfServingError(Exception):
    """Root of everything this package raises on purpose."""


class ConfigError(TfServingError):
    """A flag, or a file that a flag names, is not as it must be."""


class StoreError(TfServingError):
    """The model store could not be built."""


class ServingError(TfServingError):
    """A request cannot be answered; the message is meant for its caller."""


class InvalidArgument(ServingError):  # noqa: N818 - named like the status code it becomes
    """What was sent does not fit the model."""


class NotFound(ServingError):  # noqa: N818 - named like the status code it becomes
    """No such model or version is being served."""


class FailedPrecondition(ServingError):  # noqa: N818 - named like the status code it becomes
    """The model, as it stands, cannot do that."""


class OutOfRange(ServingError):  # noqa: N818 - named like the status code it becomes
    """An operation of the model ran past the end of something."""


class Overloaded(ServingError):  # noqa: N818 - named for what the caller should understand
    """Too much is waiting already; the same request may succeed later."""


class ResourceExhausted(ServingError):  # noqa: N818 - named like the status code it becomes
    """The model found no memory, or no more of something else."""


class DeadlineExpired(ServingError):  # noqa: N818 - named like the status code it becomes
    """The caller's time is over; nobody waits for the answer."""


class Unsupported(ServingError):  # noqa: N818 - named like the status code it becomes
    """The embedded server does not do that."""


class Failure(ServingError):  # noqa: N818 - says it all
    """The model itself failed."""
