"""Where in a face a network found a class (R. Selvaraju et al., Grad-CAM, ICCV 2017)."""

import cv2
import keras
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def class_maps(network: keras.Model, layer: str, scaled: Floats, classes: list[int]) -> Floats:
    """Return float32 [N, h, w] in 0 to 1: how much each place of ``layer`` speaks for a class.

    Args:
        network: from scaled faces [N, H, W, C] to logits.
        layer: name of the layer whose output [N, h, w, F] is explained.
        scaled: the faces.
        classes: the class to explain, one a face.
    """
    both = keras.Model(network.input, [network.get_layer(layer).output, network.output])
    chosen = np.eye(network.output_shape[-1], dtype=np.float32)[classes]
    features, gradients = _GRADIENTS[keras.backend.backend()](both, scaled, chosen)
    weights = gradients.mean(axis=(1, 2), keepdims=True)
    maps = np.maximum((features * weights).sum(axis=-1), 0)
    highest = maps.max(axis=(1, 2), keepdims=True)
    shares: Floats = (maps / np.maximum(highest, 1e-12)).astype(np.float32)
    return shares


def overlay(face: Bytes, shares: Floats) -> Bytes:
    """Return uint8 [H, W, 3] RGB: a grey or colour face under its map [h, w]."""
    height, width, channels = face.shape
    large = cv2.resize(shares, (width, height), interpolation=cv2.INTER_LINEAR)
    heat = cv2.applyColorMap((255 * large).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    colour = face if channels > 1 else np.repeat(face, 3, axis=2)
    mixed = 0.6 * colour + 0.4 * cv2.cvtColor(heat, cv2.COLOR_BGR2RGB)
    return mixed.astype(np.uint8)


def _on_tensorflow(both: keras.Model, scaled: Floats, chosen: Floats) -> tuple[Floats, Floats]:
    import tensorflow as tf  # noqa: PLC0415 - only the chosen framework is imported

    faces = tf.constant(scaled)
    with tf.GradientTape() as tape:
        tape.watch(faces)  # frozen weights alone would record nothing
        features, logits = both(faces, training=False)
        score = tf.reduce_sum(logits * chosen)
    return features.numpy(), tape.gradient(score, features).numpy()


def _on_torch(both: keras.Model, scaled: Floats, chosen: Floats) -> tuple[Floats, Floats]:
    import torch  # noqa: PLC0415 - only the chosen framework is imported

    faces = keras.ops.convert_to_tensor(scaled).requires_grad_()
    features, logits = both(faces, training=False)
    score = (logits * keras.ops.convert_to_tensor(chosen)).sum()
    (gradient,) = torch.autograd.grad(score, features)
    return features.detach().cpu().numpy(), gradient.cpu().numpy()


_GRADIENTS = {"tensorflow": _on_tensorflow, "torch": _on_torch}
