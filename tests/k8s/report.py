"""What `make k8s-test` found, as a page for people: build/k8s.md."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.k8s.rendering import Rendering


@dataclass
class Report:
    """Filled by the tests as they go."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    rules: dict[str, str] = field(default_factory=dict)
    mutations: int = 0
    checkov: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def count(self, rendering: Rendering) -> None:
        """Note how many objects there are."""
        versions = self.counts.setdefault(rendering.case, {})
        versions[rendering.kubernetes] = len(rendering.objects)
        self.kinds.update(manifest["kind"] for manifest in rendering.objects)

    def write(self, path: Path) -> None:
        """Write the page."""
        versions = sorted({version for counts in self.counts.values() for version in counts})
        lines = [
            "# The chart, as checked",
            "",
            "Objects per file of values and version of Kubernetes; Helm 3 and Helm 4 agree.",
            "",
            _row("values", *versions),
            _row(*["---"] * (1 + len(versions))),
            *(
                _row(case, *(str(counts.get(version, "")) for version in versions))
                for case, counts in self.counts.items()
            ),
            "",
            f"In all {sum(self.kinds.values())} objects: "
            + ", ".join(f"{count} {kind}" for kind, count in self.kinds.most_common()),
            "",
            f"## {len(self.rules)} rules, {self.mutations} ways to break one, each found",
            "",
            *(f"- {name}: {meaning}" for name, meaning in self.rules.items()),
            "",
            "## checkov",
            "",
            _row("what", "passed", "failed", "skipped by an annotation"),
            _row("---", "---", "---", "---"),
            *(_row(what, *map(str, figures)) for what, figures in self.checkov.items()),
            "",
            *(f"- {check} is not run: {reason}" for check, reason in self.skipped.items()),
        ]
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
