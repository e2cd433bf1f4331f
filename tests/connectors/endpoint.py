"""A real HTTP endpoint for tests: answers as told, and remembers what it was posted."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Posted:
    headers: dict
    body: bytes


@dataclass
class Place:
    url: str = ""
    posted: list[Posted] = field(default_factory=list)
    answers: list = field(default_factory=list)
    """(status, headers, body) of the next requests, first first; then 204s."""
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count, seconds=20):
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.posted) >= count, seconds), (
                f"{len(self.posted)} of {count}"
            )


@contextmanager
def serving():
    place = Place()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with place.arrived:
                place.posted.append(Posted({name.lower(): v for name, v in self.headers.items()}, body))
                place.arrived.notify_all()
            status, headers, said = place.answers.pop(0) if place.answers else (204, {}, b"")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    place.url = f"http://127.0.0.1:{server.server_port}/oncall"
    try:
        yield place
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
