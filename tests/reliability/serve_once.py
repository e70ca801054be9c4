"""Starts the page, loads it as a browser would, and stops it; runs inside the traced namespace.

Usage: python serve_once.py PORT
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request

PATIENCE_S = 120.0


def main(port: int) -> int:
    """0 if the page and its configuration were served."""
    address = f"http://127.0.0.1:{port}"
    command = ["-m", "tunewise.cli.main", "serve", "--no-model", "--no-browser", "--port", str(port)]
    server = subprocess.Popen([sys.executable, *command])
    try:
        page = fetch(address, server)
        config = json.loads(fetch(f"{address}/config", server))
        print(f"page {len(page)} bytes, {len(config['components'])} components")
        return 0
    finally:
        server.terminate()
        server.wait(30)


def fetch(url: str, server: subprocess.Popen[bytes]) -> bytes:
    """The body, once the server answers."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as response:
                return bytes(response.read())
        except urllib.error.URLError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
