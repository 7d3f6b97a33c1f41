"""Command lines made of the settings: every setting is an option too."""

import argparse

from pydantic import ValidationError

from mien_torch_serving.settings import TorchServeSettings


def read_settings(program: str, about: str, arguments: list[str] | None) -> TorchServeSettings:
    """Read the environment, and the command line over it; exits with 2 when one is wrong."""
    parser = argparse.ArgumentParser(prog=program, description=about)
    for name, field in TorchServeSettings.model_fields.items():
        parser.add_argument(f"--{name.replace('_', '-')}", help=field.description)
    given = {key: value for key, value in vars(parser.parse_args(arguments)).items() if value}
    try:
        return TorchServeSettings(**given)
    except ValidationError as error:
        reasons = "; ".join(f"{item['loc'][0]}: {item['msg']}" for item in error.errors())
        parser.error(reasons)
