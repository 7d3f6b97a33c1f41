"""The transparency notice, in English and German."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
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


ENGLISH = Wording(
    title="Software recognises facial expressions here",
    template=(
        Section(
            "What happens",
            "Software looks for faces in pictures or in the images of a camera. For each face it "
            "estimates which expression the face shows, such as happy, sad or neutral. It does "
            "not recognise who somebody is, and makes no print of a face to find it again.",
        ),
        Section("What it is used for", "{purpose}"),
        Section(
            "What is kept",
            "No pictures: they are held in memory while they are looked at, and then forgotten. "
            "{kept} Expressions over time are kept for a while only if whoever sends the pictures "
            "gives a session id.",
        ),
        Section(
            "What it cannot do",
            "An expression is what a face shows, not what a person feels. The software is often "
            "wrong, more often for some groups of people than for others, and with poor light, "
            "with turned or covered faces. Nobody should decide about a person by it alone.",
        ),
        Section(
            "Your rights",
            "You may ask whether pictures of you are looked at, object to it, and have what is "
            "kept of you shown and erased; you may withdraw a consent at any time, and complain "
            "to a data protection authority: Regulation (EU) 2016/679 (GDPR), articles 7, 12 to "
            "21 and 77. Whom to ask: {operator}.",
        ),
        Section(
            "The law",
            "Who uses a system that recognises emotions must tell the people exposed to it: "
            "Regulation (EU) 2024/1689 (the AI Act), article 50(3). At the workplace and in "
            "education such systems are prohibited but for medical or safety reasons: article "
            "5(1)(f).",
        ),
    ),
    purposes={
        "research": "Research",
        "accessibility": "Accessibility: to help people to perceive expressions",
        "self_reflection": "Self-reflection: people look at their own expressions",
        "entertainment": "Entertainment",
        "market_research": "Market research",
        "medical": "Medical reasons",
        "safety": "Safety",
        "workplace": "At the workplace, for medical or safety reasons only",
        "education": "In education, for medical or safety reasons only",
    },
    no_purpose="The operator has not said; ask before you let your face be looked at.",
    no_operator="whoever showed you this notice or runs the camera",
    kept=(
        "The results are kept for {seconds} seconds, under a keyed hash from which the picture "
        "cannot be found."
    ),
    nothing_kept="The results are not kept either.",
)


GERMAN = Wording(
    title="Hier erkennt Software Gesichtsausdrücke",
    template=(
        Section(
            "Was geschieht",
            "Software sucht Gesichter in Bildern oder im Bild einer Kamera. Für jedes Gesicht "
            "schätzt sie, welchen Ausdruck es zeigt, etwa fröhlich, traurig oder neutral. Sie "
            "erkennt nicht, wer jemand ist, und legt keinen Abdruck eines Gesichts an, um es "
            "wiederzufinden.",
        ),
        Section("Wofür es verwendet wird", "{purpose}"),
        Section(
            "Was gespeichert wird",
            "Keine Bilder: Sie liegen im Arbeitsspeicher, solange sie betrachtet werden, und "
            "werden dann vergessen. {kept} Der Verlauf der Ausdrücke wird nur dann für eine Weile "
            "gespeichert, wenn der Absender der Bilder eine Sitzungskennung angibt.",
        ),
        Section(
            "Was es nicht kann",
            "Ein Ausdruck ist das, was ein Gesicht zeigt, nicht das, was ein Mensch fühlt. Die "
            "Software irrt sich oft, bei manchen Gruppen von Menschen öfter als bei anderen, und "
            "bei schlechtem Licht, abgewandten oder verdeckten Gesichtern. Niemand soll allein "
            "danach über einen Menschen entscheiden.",
        ),
        Section(
            "Ihre Rechte",
            "Sie dürfen fragen, ob Bilder von Ihnen betrachtet werden, dem widersprechen und "
            "verlangen, dass Ihnen gezeigt und gelöscht wird, was über Sie gespeichert ist; Sie "
            "dürfen eine Einwilligung jederzeit widerrufen und sich bei einer "
            "Datenschutzbehörde beschweren: Verordnung (EU) 2016/679 (DSGVO), Artikel 7, 12 bis "
            "21 und 77. An wen Sie sich wenden: {operator}.",
        ),
        Section(
            "Das Recht",
            "Wer ein System zur Emotionserkennung verwendet, muss die betroffenen Menschen "
            "darüber informieren: Verordnung (EU) 2024/1689 (KI-Verordnung), Artikel 50 Absatz 3. "
            "Am Arbeitsplatz und in Bildungseinrichtungen sind solche Systeme verboten, außer aus "
            "medizinischen Gründen oder Sicherheitsgründen: Artikel 5 Absatz 1 Buchstabe f.",
        ),
    ),
    purposes={
        "research": "Forschung",
        "accessibility": "Barrierefreiheit: Menschen zu helfen, Ausdrücke wahrzunehmen",
        "self_reflection": "Selbstbetrachtung: Menschen sehen sich ihre eigenen Ausdrücke an",
        "entertainment": "Unterhaltung",
        "market_research": "Marktforschung",
        "medical": "Medizinische Gründe",
        "safety": "Sicherheit",
        "workplace": "Am Arbeitsplatz, nur aus medizinischen Gründen oder Sicherheitsgründen",
        "education": (
            "In einer Bildungseinrichtung, nur aus medizinischen Gründen oder Sicherheitsgründen"
        ),
    },
    no_purpose=(
        "Der Betreiber hat es nicht angegeben; fragen Sie, bevor Sie Ihr Gesicht betrachten lassen."
    ),
    no_operator="wer Ihnen diesen Hinweis gezeigt hat oder die Kamera betreibt",
    kept=(
        "Die Ergebnisse werden {seconds} Sekunden lang unter einem Schlüssel-Hash gespeichert, "
        "aus dem sich das Bild nicht finden lässt."
    ),
    nothing_kept="Auch die Ergebnisse werden nicht gespeichert.",
)


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
