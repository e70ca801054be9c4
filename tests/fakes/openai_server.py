"""An OpenAI-compatible server on the loopback address, as small as a test needs."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeOpenAIServer:
    """Answers every chat completion with `answer`; `requests` holds the bodies that came in, `keys` their keys.

    `status` other than 200 is sent as an error; `delay_s` is slept before every answer.
    """

    def __init__(self, answer: str = "an answer", *, status: int = 200, delay_s: float = 0.0) -> None:
        self.answer, self.status, self.delay_s = answer, status, delay_s
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.requests.append(json.loads(body))
                server.keys.append(self.headers["Authorization"])
                time.sleep(server.delay_s)
                try:
                    server._answer(self, server.requests[-1])
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        if self.status != 200:
            _send(handler, self.status, "application/json", json.dumps({"error": {"message": "refused"}}))
        elif request.get("stream"):
            words = [word + " " for word in self.answer.split()]
            events = [_chunk({"delta": {"role": "assistant", "content": word}}) for word in words]
            events.append(_chunk({"delta": {}, "finish_reason": "stop"}))
            text = "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"])
            _send(handler, 200, "text/event-stream", text)
        else:
            message = {"role": "assistant", "content": self.answer}
            _send(handler, 200, "application/json", _completion({"message": message, "finish_reason": "stop"}))


def _completion(choice: dict[str, Any], kind: str = "chat.completion") -> str:
    return json.dumps({"id": "1", "object": kind, "created": 0, "model": "m", "choices": [{"index": 0, **choice}]})


def _chunk(choice: dict[str, Any]) -> str:
    return _completion(choice, "chat.completion.chunk")


def _send(handler: BaseHTTPRequestHandler, status: int, kind: str, text: str) -> None:
    data = text.encode()
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
