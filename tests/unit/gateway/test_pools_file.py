"""The file that lists pools of model servers."""

from pathlib import Path

import pytest

from mien_gateway.clients.pools import PoolsError, read_pools, refuse_strangers
from mien_models import Framework
from tests.fakes.gateway import registry

README = Path(__file__).parents[3] / "services" / "gateway" / "README.md"
POOL = "pools:\n- {name: %s, framework: tensorflow, target: 'dns:///tensorflow:8500'%s}\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pools.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    return path


def test_the_readmes_example_is_read(tmp_path: Path) -> None:
    """Comments, weights and all."""
    text = README.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    stable, canary = read_pools(written(tmp_path, text))
    assert (stable.name, stable.framework, stable.weight) == (
        "torchserve-cpu",
        Framework.PYTORCH,
        90,
    )
    assert canary.registry == Path("/etc/mien/canary.yaml")


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    """All models, a whole weight, and the gateway's registry."""
    (pool,) = read_pools(written(tmp_path, POOL % ("a", "")))
    assert (pool.models, pool.weight, pool.registry) == (None, 100, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "valid dictionary"),
        ("pools: []", "pools"),
        ("pools: [: no", "not YAML"),
        ("pools: \udcff", "not YAML"),
        (POOL % ("Bad_Name", ""), "pools.0.name"),
        (POOL % ("a", ", wieght: 5"), "pools.0.wieght"),
        (POOL % ("a", ", weight: -1"), "pools.0.weight"),
        (POOL % ("a", ", models: []"), "pools.0.models"),
        ((POOL % ("a", "")) + (POOL % ("a", "")).split("\n", 1)[1], "lists a more than once"),
        ((POOL % ("a", "")).replace("tensorflow,", "pytorch,"), "rest_url"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    """With the file and the place."""
    path = written(tmp_path, text)
    with pytest.raises(PoolsError, match=said) as caught:
        read_pools(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_names_the_setting(tmp_path: Path) -> None:
    """Whoever set it can mend it."""
    with pytest.raises(PoolsError, match="MIEN_GATEWAY_POOLS_FILE"):
        read_pools(tmp_path / "none.yaml")


def test_a_model_that_nobody_knows_is_told(tmp_path: Path) -> None:
    """A slip of the pen would switch a model off in silence."""
    (pool,) = read_pools(written(tmp_path, POOL % ("a", ", models: [squeezenot]")))
    with pytest.raises(PoolsError, match="squeezenot, and the registry has"):
        refuse_strangers(pool, registry())
