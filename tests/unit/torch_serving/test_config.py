import json
import re
from ipaddress import IPv4Address, ip_address
from pathlib import Path

import pytest

from mien_torch_serving import config
from mien_torch_serving.errors import UnsafeConfigError
from mien_torch_serving.settings import TorchServeSettings

ANYWHERE = IPv4Address("0.0.0.0")


def rendered(settings: TorchServeSettings) -> dict[str, str]:
    """The file as Java reads it."""
    text = config.render(config.properties(settings, ["one.mar", "two.mar"]))
    lines = text.encode("ascii").decode("unicode_escape").splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_models_may_come_from_the_store_only(tmp_path: Path) -> None:
    """No other folder, no climbing out of the store by its name, and nothing over the network."""
    allowed = rendered(TorchServeSettings(store=tmp_path))["allowed_urls"]
    assert re.fullmatch(allowed, f"file://{tmp_path}/one.mar")
    for url in (
        "http://example.org/one.mar",
        "https://example.org/one.mar",
        "file:///etc/one.mar",
        f"file://{tmp_path}-other/one.mar",
        f"http://example.org/file://{tmp_path}/one.mar",
    ):
        assert not re.fullmatch(allowed, url), url


def test_management_and_metrics_stay_on_loopback_wherever_inference_listens() -> None:
    """An operator who opens the inference API does not open the rest."""
    values = rendered(TorchServeSettings(host=ANYWHERE, private_network=True))
    assert values["inference_address"] == "http://0.0.0.0:8080"
    assert values["grpc_inference_address"] == "0.0.0.0"
    for key in ("management_address", "metrics_address"):
        assert values[key].startswith("http://127.0.0.1:")
    assert values["grpc_management_address"] == "127.0.0.1"


def test_an_open_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor do tokens open it: neither the gateway nor the health check can hold one."""
    monkeypatch.setenv("MIEN_TORCHSERVE_TOKEN_AUTHORIZATION", "true")
    with pytest.raises(UnsafeConfigError, match="MIEN_TORCHSERVE_PRIVATE_NETWORK"):
        config.properties(TorchServeSettings(host=ANYWHERE), [])


def test_a_private_network_opens_the_port_and_the_metrics() -> None:
    """Management stays on loopback all the same."""
    values = rendered(
        TorchServeSettings(host=ANYWHERE, metrics_host=ANYWHERE, private_network=True)
    )
    assert values["metrics_address"] == "http://0.0.0.0:8082"
    assert values["management_address"].startswith("http://127.0.0.1:")
    assert values["grpc_management_address"] == "127.0.0.1"


def test_metrics_are_not_for_everyone() -> None:
    """Unless the network is private."""
    with pytest.raises(UnsafeConfigError, match="MIEN_TORCHSERVE_METRICS_HOST"):
        config.properties(TorchServeSettings(metrics_host=ANYWHERE), [])


def test_connections_end_so_that_new_replicas_are_found() -> None:
    """In milliseconds, as TorchServe wants it."""
    values = rendered(TorchServeSettings(max_connection_age_seconds=7))
    assert values["grpc_inference_max_connection_age_ms"] == "7000"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1"])
def test_loopback_needs_no_private_network(host: str) -> None:
    """And tokens are off: the gateway and the health check send none."""
    values = rendered(TorchServeSettings(host=ip_address(host)))
    assert json.loads(values["disable_token_authorization"]) is True


def test_nobody_can_register_models_or_configure_from_outside() -> None:
    """The model API, settings from the environment and pip installs by archives are off."""
    values = rendered(TorchServeSettings())
    for key in (
        "enable_model_api",
        "enable_envvars_config",
        "use_env_allowed_urls",
        "install_py_dep_per_model",
    ):
        assert values[key] == "false", key


def test_one_image_limit_bounds_requests_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is the one that every service reads, with room for the message around it."""
    monkeypatch.setenv("MIEN_MAX_IMAGE_BYTES", "1000")
    values = rendered(TorchServeSettings())
    assert values["max_request_size"] == str(1000 + 65536)
    assert values["max_response_size"] == str(4 * (1000 + 65536))


def test_the_given_archives_are_loaded_at_start() -> None:
    """TorchServe starts with the registry's models, whatever else lies in the store."""
    assert rendered(TorchServeSettings())["load_models"] == "one.mar,two.mar"


def test_paths_survive_java_properties(tmp_path: Path) -> None:
    """Java reads the file as Latin-1 and takes a backslash for an escape."""
    text = config.render({"model_store": str(tmp_path / "Gesichter für \\alle")})
    assert text.isascii()
    assert "f\\u00fcr \\u005calle" in text


def test_logs_go_to_stderr_and_no_file() -> None:
    """A server that runs for months fills no disk."""
    text = (Path(config.__file__).with_name("log4j2.xml")).read_text(encoding="utf-8")
    assert "File" not in text
    assert '<Root level="warn">' in text
