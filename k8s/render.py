"""Writes k8s/manifests: the chart, rendered for `kubectl apply -k`.

`python k8s/render.py` needs helm, which k8s/tools.py fetches, and nothing else.
"""

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "k8s" / "helm" / "mien"
MANIFESTS = ROOT / "k8s" / "manifests"
VALUES = (CHART / "values-cpu.yaml", MANIFESTS / "values.yaml")
RELEASE = NAMESPACE = "mien"
# What the oldest cluster understands, all later ones do.
OLDEST = "1.29"

_SOURCE = re.compile(r"\A# Source: mien/templates/(?P<path>\S+)\n")
_ROOM = "release"
_HEADING = "# Written by `make manifests` from k8s/helm/mien: change the chart, not this file.\n"

_KUSTOMIZATION = """\
{heading}apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: {namespace}
resources:
{resources}
"""

_NAMESPACE = """\
{heading}apiVersion: v1
kind: Namespace
metadata:
  name: {namespace}
  labels:
    # The strictest profile; pods that ask for more than it allows are refused.
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/warn: restricted
    pod-security.kubernetes.io/audit: restricted
"""


def manifests(helm: str | Path) -> dict[str, str]:
    """Return the text of every file, by its name."""
    files = {"namespace.yaml": _NAMESPACE.format(heading=_HEADING, namespace=NAMESPACE)}
    for room, documents in sorted(_by_room(_template(helm)).items()):
        files[f"{room}.yaml"] = _HEADING + "".join(f"---\n{text}" for text in documents)
    listed = "\n".join(f"  - {name}" for name in files)
    return files | {
        "kustomization.yaml": _KUSTOMIZATION.format(
            heading=_HEADING, namespace=NAMESPACE, resources=listed
        )
    }


def _template(helm: str | Path) -> str:
    values = [f"--values={path}" for path in VALUES]
    command = [str(helm), "template", RELEASE, str(CHART), f"--namespace={NAMESPACE}"]
    options = ["--no-hooks", f"--kube-version={OLDEST}", *values]
    done = subprocess.run([*command, *options], check=False, capture_output=True, text=True)  # noqa: S603 - our own command line
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout


def _by_room(rendered: str) -> dict[str, list[str]]:
    """Return the documents by the folder of the template that they come from."""
    rooms = defaultdict(list)
    for document in re.split(r"^---\n", rendered, flags=re.MULTILINE):
        source = _SOURCE.match(document)
        if source is None:
            continue
        room, _, rest = source["path"].partition("/")
        rooms[room if rest else _ROOM].append(_without_helm(document[source.end() :]))
    return rooms


def _without_helm(document: str) -> str:
    """Drop what only helm can say of an object: it will not be helm that manages it."""
    document = re.sub(r"^ *helm\.sh/chart: .*\n", "", document, flags=re.MULTILINE)
    document = document.replace("managed-by: Helm", "managed-by: kustomize")
    return document.rstrip("\n") + "\n"


def main() -> None:
    """Write the files, and take away those that are no longer rendered."""
    sys.path.insert(0, str(ROOT))
    from k8s.tools import ToolError, locate  # noqa: PLC0415 - found where it lies, not installed

    try:
        files = manifests(locate("helm4"))
    except ToolError as error:
        sys.exit(f"mien: {error}")
    for path in MANIFESTS.glob("*.yaml"):
        if path.name not in files and path not in VALUES:
            path.unlink()
    for name, text in files.items():
        (MANIFESTS / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(files)} files in {MANIFESTS.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
