"""The secret of the cache's hashes: where it comes from, and who shares it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mien_gateway.cache.keys import CacheKeyFileError, cache_secret
from mien_gateway.settings import Settings


def settings(**given: object) -> Settings:
    return Settings.model_validate(given)


def test_a_given_one_holds(tmp_path: Path) -> None:
    """Also where there is a file."""
    given = settings(cache_key="a secret of some length", cache_key_file=tmp_path / "key")
    assert cache_secret(given) == b"a secret of some length"
    assert not (tmp_path / "key").exists()


def test_one_is_drawn_at_every_start() -> None:
    """Where nothing is said."""
    assert cache_secret(settings()) != cache_secret(settings())


def test_whoever_shares_a_file_shares_the_secret(tmp_path: Path) -> None:
    """Replicas that start at the same time, too."""
    given = settings(cache_key_file=tmp_path / "key")
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: cache_secret(given), range(64)))
    assert len(found) == 1
    assert len(found.pop()) >= 32
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["", "short\n"])
def test_a_file_without_a_secret_is_no_secret(tmp_path: Path, content: str) -> None:
    """It may have been emptied by mistake."""
    path = tmp_path / "key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CacheKeyFileError, match="MIEN_GATEWAY_CACHE_KEY_FILE"):
        cache_secret(settings(cache_key_file=path))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the remedy."""
    given = settings(cache_key_file=tmp_path / "none" / "key")
    with pytest.raises(CacheKeyFileError, match="let this user write"):
        cache_secret(given)
