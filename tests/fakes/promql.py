"""Which metrics and labels a PromQL expression speaks of. Enough for ours, not for all."""

import re
from dataclasses import dataclass

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
_SELECTOR = re.compile(r"(?<![\w:.\"$])([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?(?!\s*\()(?![\w:])")
_MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')
_NEW_LABEL = re.compile(r'label_replace\(.*?,\s*"(\w+)",')
_WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan"}


@dataclass(frozen=True, slots=True)
class Query:
    """What one expression names."""

    metrics: dict[str, set[str]]
    """Per metric the labels that its matchers name."""
    groupings: set[str]
    """Labels that are grouped or matched by, without those that the expression makes itself."""


def parse(expression: str) -> Query:
    """Read one expression; Grafana's variables count as what they stand for."""
    expression = expression.replace("$__rate_interval", "5m")
    groupings = {
        label.strip()
        for found in _GROUPING.findall(expression)
        for label in found.split(",")
        if label.strip()
    }
    made = set(_NEW_LABEL.findall(expression))
    text = _GROUPING.sub(" ", expression)
    metrics: dict[str, set[str]] = {}
    for name, matchers in _SELECTOR.findall(_outside_strings(text)):
        if name not in _WORDS:
            metrics.setdefault(name, set()).update(_MATCHER.findall(matchers))
    return Query(metrics, groupings - made)


def _outside_strings(text: str) -> str:
    """Without what stands in strings: braces and words there mean nothing."""
    return _STRING.sub('""', text)
