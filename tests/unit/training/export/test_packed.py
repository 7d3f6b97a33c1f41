"""Convolutions that are packed for the processor when they are loaded."""

from pathlib import Path

import pytest
import torch
from torch import fx, nn

from mien_training.export.torch_packed import pack_convolutions
from mien_training.export.torchscript import export_torchscript, load_torchscript

PACKED = "mkldnn_prepacked::conv2d_run"

HAS_ONEDNN = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]  # torch's gap

pytestmark = [
    pytest.mark.skipif(not HAS_ONEDNN, reason="this torch was built without oneDNN"),
    # Torch would rather have TorchScript forgotten; TorchServe loads it.
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
]


def network() -> fx.GraphModule:
    """A stem, a grouped and a pointwise convolution; one has no ReLU after it, one no bias."""
    torch.manual_seed(0)
    layers = nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, dilation=2, groups=4, bias=False),
        nn.Conv2d(8, 16, 1),
        nn.ReLU(),
    )
    return fx.symbolic_trace(layers.eval())


@pytest.mark.parametrize("faces", [1, 5])
def test_loaded_again_it_says_the_same_for_any_number_of_faces(faces: int, tmp_path: Path) -> None:
    """Packed for one input shape, saved as plain tensors, packed again by whoever loads it."""
    plain, packed = network(), network()
    pack_convolutions(packed, torch.zeros(2, 1, 24, 24))
    path = tmp_path / "packed.pt"
    torch.jit.save(torch.jit.trace(packed, torch.zeros(2, 1, 24, 24)), str(path))  # type: ignore[no-untyped-call]  # bare
    maps = torch.rand(faces, 1, 24, 24) - 0.5
    with torch.inference_mode():
        right, found = plain(maps), load_torchscript(path)(maps)
    assert right.min() == 0
    assert right.max() > 0
    torch.testing.assert_close(found, right, atol=1e-6, rtol=1e-5)


def test_what_is_exported_computes_packed(squeezenet_dir: Path, tmp_path: Path) -> None:
    """No convolution before the map that explains is left as it was, nor a ReLU beside it."""
    out = tmp_path / "model.pt"
    export_torchscript(squeezenet_dir, out)
    frozen = torch.jit.freeze(load_torchscript(out).eval(), preserved_attrs=["explain"])
    graph = str(frozen.graph)
    assert graph.count(PACKED) == 34
    assert "aten::relu(" not in graph


def test_torch_without_onednn_gets_it_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apple's processors, for one."""
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    module = network()
    pack_convolutions(module, torch.zeros(2, 1, 24, 24))
    assert {type(part) for part in module.modules()} >= {nn.Conv2d, nn.ReLU}
