"""SavedModels so small that they are written and loaded in a blink, with the shape of the real."""

import shutil
from pathlib import Path
from typing import Any

import tensorflow as tf

SIDE = 4
CLASSES = 3


class _Tiny(tf.Module):  # type: ignore[misc] # TensorFlow ships no types
    """Answers with the mean of each face, a constant that tells versions apart, and a zero."""

    def __init__(self, marker: float) -> None:
        super().__init__()
        self.marker = tf.Variable(marker, dtype=tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([None, SIDE, SIDE, 1], tf.uint8, name="faces")])  # type: ignore[untyped-decorator] # TensorFlow ships no types
    def serve(self, faces: Any) -> dict[str, Any]:
        pixels = tf.reshape(tf.cast(faces, tf.float32), [-1, SIDE * SIDE])
        mean = tf.reduce_mean(pixels, axis=1) / 255
        marker = tf.ones_like(mean) * self.marker
        return {"probabilities": tf.stack([mean, marker, tf.zeros_like(mean)], axis=1)}

    @tf.function(  # type: ignore[untyped-decorator] # TensorFlow ships no types
        input_signature=[
            tf.TensorSpec([None, SIDE, SIDE, 1], tf.uint8, name="faces"),
            tf.TensorSpec([None], tf.int64, name="classes"),
        ]
    )
    def gradcam(self, faces: Any, classes: Any) -> dict[str, Any]:
        """Heat is how a score for the class changes with each pixel, found by a tape."""
        pixels = tf.cast(faces[..., 0], tf.float32) / 255
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            weights = tf.cast(classes, tf.float32)[:, None, None]
            score = tf.reduce_sum(tf.square(pixels) * weights) / 2
        return {**self.serve(faces), "heat": tape.gradient(score, pixels)}

    @tf.function(  # type: ignore[untyped-decorator] # TensorFlow ships no types
        input_signature=[
            tf.TensorSpec([None], tf.float32, name="left"),
            tf.TensorSpec([None], tf.float32, name="right"),
        ]
    )
    def two(self, left: Any, right: Any) -> dict[str, Any]:
        return {"sum": left + right, "product": left * right}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])  # type: ignore[untyped-decorator] # TensorFlow ships no types
    def words(self, text: Any) -> dict[str, Any]:
        return {"upper": tf.strings.upper(text), "raw_bytes": text}


def write_version(base: Path, version: int, marker: float = 0.5) -> Path:
    """Write a complete version under ``base``, so that it appears at once; return its folder."""
    temporary = base / f".{version}.tmp"
    tiny = _Tiny(marker)
    signatures = {
        "serving_default": tiny.serve,
        "gradcam": tiny.gradcam,
        "two": tiny.two,
        "words": tiny.words,
    }
    tf.saved_model.save(tiny, str(temporary), signatures=signatures)
    return temporary.rename(base / str(version))


def write_broken_version(base: Path, version: int) -> Path:
    """Write a version that cannot be loaded: its graph is cut off."""
    directory = base / str(version)
    directory.mkdir()
    (directory / "saved_model.pb").write_bytes(b"\x08\x01\x12\xff")
    return directory


def copy_version(source: Path, base: Path, version: int) -> Path:
    """Put a copy of another version under ``base``, so that it appears at once."""
    temporary = base / f".{version}.tmp"
    shutil.copytree(source, temporary)
    return temporary.rename(base / str(version))
