"""An endless supply of pictures, each of which is sent once."""

from collections.abc import Iterator

from mien_loadtests.noise import VARIANTS, noisy
from mien_loadtests.photos import photo


def fresh(name: str, start: int = 0) -> Iterator[bytes]:
    """Yield the picture under ever new noise, beginning with noise number `start`.

    `name` is one of the load tests' pictures: `one-face`, `ten-faces`.
    """
    data = photo(name).data
    for number in range(start, VARIANTS):
        yield noisy(data, number)
