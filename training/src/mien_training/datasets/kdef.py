"""KDEF: 70 actors, seven expressions, five angles, each photographed twice.

A name such as ``AF01ANFL.JPG`` holds the session (A, B), the sex (F, M), the number of the person
among those of that sex (01 to 35), the expression and the angle.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien_training.datasets.fer2013_rows import LABELS
from mien_training.datasets.picture_set import PictureSet
from mien_training.datasets.pictures import Listed, Listing, picture_files
from mien_training.datasets.splitting import TEST, TRAINING, VALIDATION, Shares
from mien_training.errors import DataError

EXPRESSIONS = {
    "AF": "fear",
    "AN": "angry",
    "DI": "disgust",
    "HA": "happy",
    "NE": "neutral",
    "SA": "sad",
    "SU": "surprise",
}
ANGLES = {
    "FL": "full left profile",
    "HL": "half left profile",
    "S": "straight",
    "HR": "half right profile",
    "FR": "full right profile",
}
_NAME = re.compile(rf"([AB])([FM])(\d\d)({'|'.join(EXPRESSIONS)})({'|'.join(ANGLES)})")
# Two names of the distributed set are cut short; these are the only two pictures that their
# people would lack otherwise.
_CUT_SHORT = {"AF31V": "AF31SAHL", "AM31H": "AM31SUHR"}

_PEOPLE_OF_A_SEX = 35
_TEST_PEOPLE, _VALIDATION_PEOPLE = 7, 4  # of the 35
_FEWEST_PEOPLE = 3
_TEST_SESSION = "A"
_SEED = 35


@dataclass(frozen=True)
class Code:
    """What the name of a picture says."""

    session: str
    sex: str
    number: int
    expression: str
    angle: str

    @property
    def person(self) -> int:
        """A number of the person in the whole set: women 0 to 34, men 35 to 69."""
        return self.number - 1 + _PEOPLE_OF_A_SEX * (self.sex == "M")


def parse_name(path: Path) -> Code | None:
    """Return what the name of a picture says; None if it is no name of this set."""
    stem = path.stem.upper()
    match = _NAME.fullmatch(_CUT_SHORT.get(stem, stem))
    if match is None or not 1 <= int(match[3]) <= _PEOPLE_OF_A_SEX:
        return None
    return Code(match[1], match[2], int(match[3]), EXPRESSIONS[match[4]], ANGLES[match[5]])


class Kdef(PictureSet):
    """Split by people, with as many women as men on every side.

    Of the 35 women and the 35 men, 7 each are the test, 4 each validate, 24 each train. The test
    has 70 pictures of a class: those 14 people from 5 angles, in session A. Both sessions of 7
    people would make 70 as well, but the second picture of a person adds little, and a figure
    from 14 people says more of the next one than a figure from 7. Session B of the 14 is not
    used at all, for it shows people of the test. Of a class, 80 pictures validate, 480 train.
    """

    title = "Karolinska Directed Emotional Faces (D. Lundqvist et al., 1998)"
    licence = (
        "Trained on KDEF, which researchers may use for non-commercial purposes and nobody may "
        "pass on without written consent"
    )
    remedy = (
        "give the folder of pictures such as AF01/AF01ANS.JPG, from kdef.se, with --data "
        "(training/DATASETS.md says more)"
    )
    labels = LABELS
    shares = Shares(validation=0.0, test=0.0)  # the people decide
    cropped = False

    def list_pictures(self, folder: Path) -> Listing:
        """See PictureSet; pictures of the test's people from session B are left out."""
        codes = {path: parse_name(path) for path in picture_files(folder)}
        known = {path: code for path, code in codes.items() if code is not None}
        if not known:
            message = f"{folder} holds no picture of KDEF; {self.remedy}"
            raise DataError(message)
        parts = self._parts_of_people({(code.sex, code.number) for code in known.values()})
        listed = [
            Listed(path, LABELS.index(code.expression), code.person, part)
            for path, code in known.items()
            if (part := parts[code.sex, code.number]) != TEST or code.session == _TEST_SESSION
        ]
        return Listing(listed, [path for path, code in codes.items() if code is None])

    def _parts_of_people(self, people: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        # Drawn among all 35 numbers, so that a missing person moves few others.
        order = np.random.default_rng(_SEED).permutation(_PEOPLE_OF_A_SEX) + 1
        parts: dict[tuple[str, int], int] = {}
        for sex in sorted({sex for sex, _ in people}):
            present = [(sex, int(number)) for number in order if (sex, int(number)) in people]
            if len(present) < _FEWEST_PEOPLE:
                message = (
                    f"KDEF cannot be split by people with {len(present)} of a sex ({sex}); "
                    f"at least {_FEWEST_PEOPLE} are needed; {self.remedy}"
                )
                raise DataError(message)
            parts |= dict(zip(present, _sides(len(present)), strict=True))
        return parts


def _sides(people: int) -> list[int]:
    test, validation = (
        max(round(people * share / _PEOPLE_OF_A_SEX), 1)
        for share in (_TEST_PEOPLE, _VALIDATION_PEOPLE)
    )
    return [TEST] * test + [VALIDATION] * validation + [TRAINING] * (people - test - validation)
