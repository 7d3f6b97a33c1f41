"""The notice to people whose faces are looked at: what a transport shows, in any form."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mien_gateway.notice.english import ENGLISH
from mien_gateway.notice.german import GERMAN
from mien_gateway.notice.wording import Section, Wording

LANGUAGES: Mapping[str, Wording] = MappingProxyType({"en": ENGLISH, "de": GERMAN})
DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What depends on how this gateway is run."""

    purpose: str = ""
    """One of the setting's values; empty where the operator said none."""
    operator: str = ""
    answers_kept_seconds: float = 0
    """0 where no answer is kept."""

    def sections(self, language: str) -> list[Section]:
        """Return the text in one of the languages."""
        wording = LANGUAGES[language]
        kept = round(self.answers_kept_seconds)
        return wording.sections(
            purpose=self._purpose(wording),
            operator=self.operator or wording.no_operator,
            kept=wording.kept.format(seconds=kept) if kept else wording.nothing_kept,
        )

    def _purpose(self, wording: Wording) -> str:
        if not self.purpose:
            return wording.no_purpose
        kind, _, words = self.purpose.partition(":")
        return words.strip() if kind == "other" else wording.purposes[kind]
