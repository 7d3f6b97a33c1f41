"""Reading and checking `models.config`, the text form of ModelServerConfig."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from mien_tf_serving.errors import ConfigError, InvalidArgument

_PLATFORM = "tensorflow"


@dataclass(frozen=True, kw_only=True)
class VersionPolicy:
    """Which of the versions on disk are to be served: the newest few, some, or all."""

    latest: int = 1
    specific: frozenset[int] = frozenset()
    all: bool = False

    def choose(self, found: set[int]) -> set[int]:
        """Return the versions to serve out of those ``found``."""
        if self.all:
            return found
        if self.specific:
            return found & self.specific
        return set(sorted(found)[-self.latest :])


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """One model to serve: where its versions lie, and how callers may name them."""

    name: str
    base_path: Path
    policy: VersionPolicy = field(default_factory=VersionPolicy)
    labels: dict[str, int] = field(default_factory=dict)


def read_models(path: Path) -> tuple[ModelSettings, ...]:
    """Return the models that a config file lists.

    Raises:
        ConfigError: the file is missing, is not a ModelServerConfig, or lists what cannot be.
    """
    config = parse_text(path, model_server_config_pb2.ModelServerConfig())
    try:
        return models_from(config)
    except InvalidArgument as error:
        message = f"{path}: {error}"
        raise ConfigError(message) from error


def parse_text(path: Path, message: Any) -> Any:
    """Fill a protobuf ``message`` from its text form in a file, and return it.

    Raises:
        ConfigError: the file cannot be read, or does not hold such a message.
    """
    name = message.DESCRIPTOR.name
    try:
        return text_format.Parse(path.read_text(encoding="utf-8"), message)
    except OSError as error:
        reason = f"cannot read {path}, which should be a text {name}: {error.strerror}"
        raise ConfigError(reason) from error
    except (text_format.ParseError, UnicodeDecodeError) as error:
        reason = f"{path} is not a text {name}: {error}"
        raise ConfigError(reason) from error


def models_from(config: Any) -> tuple[ModelSettings, ...]:
    """Return the models in a ModelServerConfig.

    Raises:
        InvalidArgument: in the words of the real server.
    """
    if config.WhichOneof("config") == "custom_model_config":
        message = "ModelServer does not yet support custom model config."
        raise InvalidArgument(message)
    models = tuple(_model(entry) for entry in config.model_config_list.config)
    names = [model.name for model in models]
    for name in names:
        if names.count(name) > 1:
            message = f"Illegal to list model {name} multiple times in config list"
            raise InvalidArgument(message)
    return models


def _model(entry: Any) -> ModelSettings:
    if not entry.name:
        message = "Every model in the config list needs a name"
        raise InvalidArgument(message)
    if entry.model_platform != _PLATFORM:
        message = (
            f"Model {entry.name} has model_platform {entry.model_platform!r}; "
            f"only {_PLATFORM!r} is served"
        )
        raise InvalidArgument(message)
    base_path = Path(entry.base_path)
    if not base_path.is_absolute():
        message = (
            f"Expected model {entry.name} to have an absolute path or URI; "
            f"got base_path()={entry.base_path}"
        )
        raise InvalidArgument(message)
    return ModelSettings(
        name=entry.name,
        base_path=base_path,
        policy=_policy(entry),
        labels=dict(entry.version_labels),
    )


def _policy(entry: Any) -> VersionPolicy:
    policy = entry.model_version_policy
    match policy.WhichOneof("policy_choice"):
        case "all":
            return VersionPolicy(all=True)
        case "specific":
            if not policy.specific.versions:
                message = f"Model {entry.name} asks for specific versions but names none"
                raise InvalidArgument(message)
            return VersionPolicy(specific=frozenset(policy.specific.versions))
        case _:
            return VersionPolicy(latest=policy.latest.num_versions or 1)
