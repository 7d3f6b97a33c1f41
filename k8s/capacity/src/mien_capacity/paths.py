"""Where the package's inputs and outputs lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
CAPACITY = ROOT / "k8s" / "capacity"
MEASURED = CAPACITY / "measured.yaml"
ASSUMED = CAPACITY / "assumed.yaml"
SCENARIOS = CAPACITY / "scenarios"
PLOTS = CAPACITY / "plots"
PAGE = ROOT / "k8s" / "CAPACITY.md"
CHART_VALUES = ROOT / "k8s" / "helm" / "mien" / "values.yaml"
OUT = ROOT / "build" / "capacity"
