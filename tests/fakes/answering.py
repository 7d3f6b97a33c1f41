"""A server that gives prepared answers, for clients that must cope with whatever comes."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(frozen=True)
class Prepared:
    """An answer: what is not text goes out as JSON."""

    status: int
    content: object
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(status: int, code: str, detail: str, **headers: str) -> Prepared:
    """Return an error as the gateway words it."""
    document = {
        "type": f"urn:mien:problem:{code}",
        "title": code,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": "4b1d",
    }
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Prepared(status, document, {"Content-Type": "application/problem+json"} | sent)


@dataclass
class Answering:
    """Answers every request alike, or by its path; `asked` keeps path and headers of each."""

    answer: Prepared
    by_path: dict[str, Prepared] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    url: str = ""


@contextmanager
def answering(answer: Prepared, **by_path: Prepared) -> Iterator[Answering]:
    """Run a server on a free port; `by_path` names last parts of paths."""
    plan = Answering(answer, by_path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self._answer()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

        def _answer(self) -> None:
            path = self.path.partition("?")[0]
            plan.asked.append((path, dict(self.headers.items())))
            chosen = plan.by_path.get(path.rpartition("/")[2], plan.answer)
            text = chosen.content if isinstance(chosen.content, str) else json.dumps(chosen.content)
            self.send_response(chosen.status)
            for name, value in {"Content-Type": "application/json", **chosen.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        plan.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield plan
        finally:
            server.shutdown()
            thread.join()
