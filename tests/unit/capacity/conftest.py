"""The inputs that the repository ships."""

import pytest

from mien_capacity.inputs import Assumed, Measured, load_assumed, load_measured


@pytest.fixture(scope="session")
def measured() -> Measured:
    """What was measured."""
    return load_measured()


@pytest.fixture(scope="session")
def assumed() -> Assumed:
    """What was assumed."""
    return load_assumed()
