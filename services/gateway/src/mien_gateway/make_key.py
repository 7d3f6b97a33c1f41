"""python -m mien_gateway.make_key NAME: makes an API key and the line for the file of keys."""

import argparse
import sys
from collections.abc import Sequence

from mien_gateway.auth.api_keys import NAME, line_of, new_key
from mien_gateway.auth.rates import parse_rate


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both; the key is kept nowhere."""
    parser = argparse.ArgumentParser(
        prog="python -m mien_gateway.make_key", description="Make an API key."
    )
    parser.add_argument("name", type=_name, help="whose key it is: letters, digits, . _ -")
    parser.add_argument("--rate", type=_rate, help="such as 600/minute")
    asked = parser.parse_args(arguments)
    key = new_key()
    sys.stdout.write(
        f"The key, shown this once; give it to {asked.name}:\n\n  {key}\n\n"
        "The line for the file that MIEN_GATEWAY_API_KEYS_FILE names:\n\n"
        f"  {line_of(asked.name, key, asked.rate or '')}\n"
    )
    return 0


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        message = "must be 1 to 64 letters, digits, dots, hyphens and underscores"
        raise argparse.ArgumentTypeError(message)
    return text


def _rate(text: str) -> str:
    try:
        parse_rate(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


if __name__ == "__main__":
    sys.exit(main())
