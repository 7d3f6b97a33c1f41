"""What is asked of pictures, for asyncio."""

from collections.abc import Iterable
from typing import Literal

from mien_client import operations as ops
from mien_client import types
from mien_client.aio.asking import Asking
from mien_client.operations import Options
from mien_client.pictures import Picture, picture_bytes


class PictureCalls(Asking):
    """Analyses, drawings, comparisons and explanations of pictures."""

    async def analyze(
        self,
        image: Picture,
        *,
        model: str = "",
        minimum_confidence: float | None = None,
        allow_twin: bool = False,
        session: str = "",
        no_store: bool = False,
    ) -> types.Analysis:
        """Return the faces of a picture, largest first, each with its expressions."""
        options = Options(
            minimum_confidence=minimum_confidence,
            allow_twin=allow_twin,
            session=session,
            no_store=no_store,
        )
        return await self._ask(ops.Analyze(picture_bytes(image), model, options))

    async def analyze_many(
        self,
        images: Iterable[Picture],
        *,
        model: str = "",
        minimum_confidence: float | None = None,
        allow_twin: bool = False,
        no_store: bool = False,
    ) -> list[types.Analysis | types.Problem]:
        """Return an analysis or a problem for each picture, in their order."""
        options = Options(
            minimum_confidence=minimum_confidence, allow_twin=allow_twin, no_store=no_store
        )
        pictures = tuple(picture_bytes(image) for image in images)
        return await self._ask(ops.AnalyzeMany(pictures, model, options)) if pictures else []

    async def annotated(
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
        return await self._ask(ops.Annotate(picture_bytes(image), model, picture_format, options))

    async def compare(self, image: Picture, *, model: str = "") -> types.Comparison:
        """Return what both twins of a model say of the same faces; any twin's name will do."""
        return await self._ask(ops.Compare(picture_bytes(image), model))

    async def explain(
        self, image: Picture, *, model: str = "", label: str = "", overlay: bool = False
    ) -> types.Explanation:
        """Return where in each face the model found an expression, by Grad-CAM."""
        return await self._ask(ops.Explain(picture_bytes(image), model, label, overlay))
