"""One form of output at a time."""

import pytest
import typer

from mien_client.command.formats import Format, chosen


def test_a_table_is_the_default() -> None:
    """Without any option, and with its own."""
    assert chosen() is chosen(table=True) is Format.TABLE


def test_each_option_chooses_its_form() -> None:
    """JSON and CSV."""
    assert (chosen(json=True), chosen(csv=True)) == (Format.JSON, Format.CSV)


def test_two_forms_are_a_mistake() -> None:
    """The message names both."""
    with pytest.raises(typer.BadParameter, match="--json and --csv exclude"):
        chosen(json=True, csv=True)
