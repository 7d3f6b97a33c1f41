"""What a language must have for the notice; the placeholders stand in braces."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Section(NamedTuple):
    """A heading and what is under it."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The notice in one language."""

    title: str
    template: tuple[Section, ...]
    purposes: Mapping[str, str]
    no_purpose: str
    no_operator: str
    kept: str
    nothing_kept: str

    def sections(self, **values: str) -> list[Section]:
        """Fill the template."""
        return [
            Section(section.heading, section.text.format(**values)) for section in self.template
        ]
