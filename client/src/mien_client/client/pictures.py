"""What is asked of pictures, for threads."""

from collections.abc import Iterable
from typing import Literal

from mien_client import operations as ops
from mien_client import types
from mien_client.client.asking import Asking
from mien_client.operations import Options
from mien_client.pictures import Picture, picture_bytes


class PictureCalls(Asking):
    """Analyses, drawings, comparisons and explanations of pictures."""

    def analyze(
        self,
        image: Picture,
        *,
        model: str = "",
        minimum_confidence: float | None = None,
        allow_twin: bool = False,
        session: str = "",
        no_store: bool = False,
    ) -> types.Analysis:
        """Return the faces of a picture, largest first, each with its expressions.

        Args:
            image: the encoded picture (JPEG, PNG, WebP or BMP): bytes, a path, or a file that
                is open for reading bytes.
            model: a name from `models()`; the gateway's default where it is empty.
            minimum_confidence: below it a face's top label is `uncertain`, 0 to 1; the
                gateway's setting where it is None.
            allow_twin: whether the same model in the other framework may answer while the
                model's server is away; `served_by` says which one did.
            session: the id under which the expressions are kept for `timeline`.
            no_store: neither look the answer up in the cache nor keep it there.
        """
        options = Options(
            minimum_confidence=minimum_confidence,
            allow_twin=allow_twin,
            session=session,
            no_store=no_store,
        )
        return self._ask(ops.Analyze(picture_bytes(image), model, options))

    def analyze_many(
        self,
        images: Iterable[Picture],
        *,
        model: str = "",
        minimum_confidence: float | None = None,
        allow_twin: bool = False,
        no_store: bool = False,
    ) -> list[types.Analysis | types.Problem]:
        """Return an analysis or a problem for each picture, in their order.

        All pictures travel together; 64 and 50 MB is what a gateway takes as it comes. The
        options are those of `analyze`.
        """
        options = Options(
            minimum_confidence=minimum_confidence, allow_twin=allow_twin, no_store=no_store
        )
        pictures = tuple(picture_bytes(image) for image in images)
        return self._ask(ops.AnalyzeMany(pictures, model, options)) if pictures else []

    def annotated(
        self,
        image: Picture,
        *,
        model: str = "",
        picture_format: Literal["jpeg", "png"] = "jpeg",
        minimum_confidence: float | None = None,
        allow_twin: bool = False,
    ) -> bytes:
        """Return the picture with boxes, labels and bars drawn on it, encoded.

        The options are those of `analyze`.
        """
        options = Options(minimum_confidence=minimum_confidence, allow_twin=allow_twin)
        return self._ask(ops.Annotate(picture_bytes(image), model, picture_format, options))

    def compare(self, image: Picture, *, model: str = "") -> types.Comparison:
        """Return what both twins of a model say of the same faces; any twin's name will do."""
        return self._ask(ops.Compare(picture_bytes(image), model))

    def explain(
        self, image: Picture, *, model: str = "", label: str = "", overlay: bool = False
    ) -> types.Explanation:
        """Return where in each face the model found an expression, by Grad-CAM.

        Args:
            image: as for `analyze`.
            model: as for `analyze`.
            label: the expression to explain; each face's most probable one where it is empty.
            overlay: whether each face is also wanted as a PNG under its map.
        """
        return self._ask(ops.Explain(picture_bytes(image), model, label, overlay))
