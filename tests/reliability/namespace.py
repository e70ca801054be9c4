"""Runs a command without a network and under a system-call trace, and reads what it tried to reach.

The command gets a network namespace of its own with nothing but loopback. `strace` sees every process and thread,
so libraries that bypass Python's socket module (gRPC, uvloop, Rust) are seen as well.
"""

from __future__ import annotations

import fcntl
import ipaddress
import os
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tunewise.offline import SEALED

ROOT = Path(__file__).parent.parent.parent
CALLS = "connect,sendto,sendmsg,sendmmsg"
DNS_PORT = 53
_SET_FLAGS, _UP = 0x8914, 0x41  # SIOCSIFFLAGS; IFF_UP | IFF_RUNNING
_TEST_MARKS = {"CI", "CONTINUOUS_INTEGRATION", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST", "PYTEST_VERSION", *SEALED}
_ADDRESS = re.compile(
    r'sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)'
    r'|sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]+)"'
)


@dataclass(frozen=True, slots=True)
class Traced:
    """What a command did: exit code, output, and the addresses outside this machine that it tried to reach."""

    code: int
    stdout: str
    stderr: str
    outbound: tuple[str, ...]


def run_traced(
    command: Sequence[str], folder: Path, *, environment: Mapping[str, str] | None = None, timeout_s: float = 900
) -> Traced:
    """Run `command` in `folder` with `environment` added to ours, less what marks a test run: some libraries call out
    only where they do not believe to be tested."""
    trace = folder / "trace.txt"
    strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", f"trace={CALLS}", "-o", str(trace)]
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, "-m", "tests.reliability.namespace", str(folder), *strace, *command],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in _TEST_MARKS} | dict(environment or {}),
        timeout=timeout_s,
        check=False,
    )
    lines = trace.read_text(errors="replace").splitlines() if trace.exists() else []
    assert trace.exists(), done.stderr
    return Traced(done.returncode, done.stdout, done.stderr, tuple(outbound(lines)))


def outbound(trace: Sequence[str]) -> list[str]:
    """Addresses in a trace that are not this machine's, and every name look-up, in order."""
    found = []
    for line in trace:
        for port4, host4, port6, host6 in _ADDRESS.findall(line):
            host, port = host4 or host6, int(port4 or port6)
            if port == DNS_PORT or not _is_this_machine(host):
                found.append(f"{host}:{port}")
    return found


def _is_this_machine(host: str) -> bool:
    address = ipaddress.ip_address(host)
    mapped = getattr(address, "ipv4_mapped", None) or address
    return mapped.is_loopback or mapped.is_unspecified


def raise_loopback() -> None:
    """Bring up `lo` in a new namespace, without needing iproute2."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sH14s", b"lo", _UP, b""))


if __name__ == "__main__":
    raise_loopback()
    os.chdir(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
