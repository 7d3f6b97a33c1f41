"""Renew the table of architectures: ``python -m mien_training.table``.

Counts parameters and multiply-adds in the networks as they are built, so that nobody types them.
"""

import argparse
import sys
from pathlib import Path

from mien_training.backend import select_framework
from mien_training.console import finish
from mien_training.paths import REPOSITORY

TABLE = REPOSITORY / "training" / "ARCHITECTURES.md"
_BEGIN, _END = "<!-- table: begin -->", "<!-- table: end -->"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    select_framework("tensorflow")

    def work() -> str:
        text = renewed(options.file.read_text(encoding="utf-8"))
        options.file.write_text(text, encoding="utf-8")
        return f"{options.file} is renewed"

    return finish(work)


def renewed(text: str) -> str:
    """Return ``text`` with the table between its marks written anew."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{architecture_table()}\n\n{_END}{after}"


def architecture_table() -> str:
    """Return every architecture with seven classes at the size it is made for, as Markdown."""
    from mien_training.architectures import ARCHITECTURES  # noqa: PLC0415 - after the framework
    from mien_training.architectures.counting import multiply_adds  # noqa: PLC0415

    lines = [
        "| name | face | parameters | multiply-adds | weights file | ImageNet weights |",
        "| --- | --- | ---: | ---: | ---: | --- |",
    ]
    for name, architecture in ARCHITECTURES.items():
        network = architecture.build(architecture.input_shape, 7)
        parameters, adds = network.count_params(), multiply_adds(network)
        face = "x".join(map(str, architecture.input_shape))
        lines.append(
            f"| `{name}` | {face} | {parameters / 1e6:.2f} M | {adds / 1e6:,.0f} M "
            f"| {2 * parameters / 1e6:.1f} MB | {'yes' if architecture.imagenet else 'no'} |"
        )
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien_training.table", description=__doc__)
    parser.add_argument("--file", type=Path, default=TABLE, help="Markdown file with the marks")
    return parser


if __name__ == "__main__":
    sys.exit(main())
