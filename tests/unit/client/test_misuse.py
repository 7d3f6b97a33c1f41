"""Mistakes of a caller's own program: plain sentences, before anything is sent."""

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.clients import KINDS, opened

NOWHERE = ("http://127.0.0.1:1", "grpc://127.0.0.1:1")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", ["analyze", "upload_video"])
def test_what_is_no_picture(kind: str, call: str, tmp_path: Path) -> None:
    """Something else altogether, or a file that is open as text, whatever is in it."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0")
    with opened(kind, *NOWHERE) as client:
        for wrong in (None, 3, ["photo.jpg"]):
            with pytest.raises(TypeError, match=f"bytes, not {type(wrong).__name__}"):
                getattr(client, call)(wrong)
        with path.open(encoding="utf-8") as file, pytest.raises(TypeError, match="mode 'rb'"):
            getattr(client, call)(file)


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_that_is_closed(kind: str) -> None:
    """It says so; to close it again is harmless."""
    calls: tuple[tuple[Any, ...], ...] = (("status",), ("analyze", b"a"), ("forget", "a"))
    with opened(kind, *NOWHERE) as client:
        client.close()
        for name, *arguments in calls:
            with pytest.raises(RuntimeError, match=r"Client is closed: open another one"):
                getattr(client, name)(*arguments)
        with pytest.raises(RuntimeError, match=r"Client is closed"):
            list(client.stream([b"a"], consent=True))
