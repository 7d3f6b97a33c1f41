"""The command line that either server understands."""

from pathlib import Path

import pytest

from mien_tf_serving.flags import Flags, parse_flags, without_own_flags


def test_no_flags_give_the_defaults_of_the_real_server() -> None:
    """Port 8500, no REST, no batching, five retries a minute apart."""
    flags = parse_flags([])
    assert flags == Flags()
    assert (flags.port, flags.rest_api_port, flags.enable_batching) == (8500, None, False)
    assert (flags.max_num_load_retries, flags.load_retry_interval_micros) == (5, 60_000_000)


def test_only_loopback_is_listened_on_unless_asked_otherwise() -> None:
    """Nothing here checks who calls, so nobody outside may call by default."""
    assert parse_flags([]).host == "127.0.0.1"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--enable_batching"], True),
        (["--enable_batching=true"], True),
        (["--enable_batching=1"], True),
        (["--enable_batching=false"], False),
        ([], False),
    ],
)
def test_booleans_are_written_as_for_the_real_server(
    arguments: list[str], *, expected: bool
) -> None:
    """A bare flag means true, and a value may follow the equals sign."""
    assert parse_flags(arguments).enable_batching is expected


def test_channel_arguments_tell_numbers_from_texts() -> None:
    """The gRPC library takes whole numbers and texts, and refuses one for the other."""
    flags = parse_flags(["--grpc_channel_arguments=grpc.max_connection_age_ms=2000,grpc.x=y"])
    assert flags.grpc_channel_arguments == (("grpc.max_connection_age_ms", 2000), ("grpc.x", "y"))


def test_files_become_paths() -> None:
    """The server opens them relative to where it was started."""
    flags = parse_flags(["--model_config_file=a/models.config"])
    assert flags.model_config_file == Path("a/models.config")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no_such_flag"],
        ["--port=many"],
        ["--enable_batching=perhaps"],
        ["--grpc_max_threads=0"],
        ["--grpc_channel_arguments=grpc.x"],
        ["--max_num_load=3"],
    ],
)
def test_a_wrong_flag_ends_with_a_message(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A typing error must not start a server with another meaning."""
    with pytest.raises(SystemExit, match="2"):
        parse_flags(arguments)
    assert arguments[0].partition("=")[0] in capsys.readouterr().err


@pytest.mark.parametrize("own", [["--host=0.0.0.0"], ["--host", "0.0.0.0"]])
def test_the_real_server_does_not_get_the_flag_it_does_not_know(own: list[str]) -> None:
    """It would end at once with an unknown flag."""
    assert without_own_flags(["--port=1", *own, "--enable_batching"]) == [
        "--port=1",
        "--enable_batching",
    ]
