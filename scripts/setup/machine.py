"""What this machine has: a fitting Python, a compiler, room on the disk, a package index, system programs.

Each check returns one sentence that says what is missing and what to do next, or "" if all is well.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

PYTHONS = ("python3.11", "python3.12", "python3.13", "python3")
OLDEST, NEWEST = (3, 11), (3, 13)
TEST_PROGRAMS = {"strace": ("strace",), "unshare": ("util-linux",)}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MAC_BROWSERS = ("/Applications/Chromium.app", "/Applications/Google Chrome.app")

Which = Callable[[str], "str | None"]


def find_python(candidates: Sequence[str] = (sys.executable, *PYTHONS)) -> str:
    """Path of the first candidate that is Python 3.11 to 3.13, or ""."""
    for candidate in candidates:
        path = shutil.which(candidate) if candidate else None
        if path and OLDEST <= python_version(path) <= NEWEST:
            return path
    return ""


def python_version(python: str) -> tuple[int, int]:
    """Major and minor version of an interpreter; (0, 0) if it does not run."""
    code = "import sys; print(*sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    parts = done.stdout.split()
    return (int(parts[0]), int(parts[1])) if done.returncode == 0 and len(parts) == 2 else (0, 0)


def venv_problem(python: str) -> str:
    """Debian ships Python without its venv module's parts."""
    done = subprocess.run([python, "-c", "import venv, ensurepip"], capture_output=True, check=False)
    if done.returncode == 0:
        return ""
    version = ".".join(map(str, python_version(python)))
    install = f"Debian: apt install python{version}-venv"
    return f"{python} cannot make virtual environments. Install its venv module ({install}), then try again."


def compiler_problem(which: Which = shutil.which) -> str:
    """llama-cpp-python is compiled here: a C and a C++ compiler are needed (CMake comes with the build)."""
    missing = [
        name for name, programs in (("C", ("cc", "gcc", "clang")), ("C++", ("c++", "g++", "clang++")))
        if not any(which(program) for program in programs)
    ]  # fmt: skip
    if not missing:
        return ""
    install = "xcode-select --install" if platform.system() == "Darwin" else "apt install build-essential"
    return (
        f"No {' and no '.join(missing)} compiler was found, and llama.cpp has to be compiled once. Run '{install}', "
        "or 'make run RULES_ONLY=1' to use Tunewise without a language model."
    )


def disk_problem(folder: Path, needed_gb: float, what: str) -> str:
    """Whether `folder` (or its nearest parent that exists) has room."""
    while not folder.exists():
        folder = folder.parent
    free_gb = shutil.disk_usage(folder).free / 1e9
    if free_gb >= needed_gb:
        return ""
    return (
        f"{what} need {needed_gb:.0f} GB in {folder}, and {free_gb:.1f} GB are free. "
        "Make room there (for the weights: or set TUNEWISE_HOME to another folder), then run the command again."
    )


def network_problem(python: str, requirement: str = "tqdm") -> str:
    """Ask pip, with the user's own settings, for one small package."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--no-deps", "--no-cache-dir", "--quiet", "--disable-pip-version-check"]
        limits = ["--retries", "1", "--timeout", "10"]
        command = [python, "-m", "pip", "download", *options, *limits, "--dest", folder, requirement]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode == 0:
        return ""
    return (
        "The package index cannot be reached, and packages have to be fetched once. "
        "Connect to the network (or point pip to a mirror with 'pip config set global.index-url URL'), then try again."
    )


def missing_test_packages(which: Which = shutil.which, system: str = "") -> list[str]:
    """Debian packages that hold what the tests need and this machine lacks: a Chromium, strace, unshare."""
    system = system or platform.system()
    has_browser = any(which(name) for name in BROWSERS)
    if system == "Darwin":
        return [] if has_browser or any(Path(app).exists() for app in MAC_BROWSERS) else ["chromium"]
    missing = [] if has_browser else ["chromium"]
    return missing + [package for name, packages in TEST_PROGRAMS.items() if not which(name) for package in packages]


def can_install_packages(which: Which = shutil.which) -> bool:
    """Whether this is root on a system with apt."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and which("apt-get") is not None


def packages_problem(packages: Sequence[str], system: str = "") -> str:
    """What to tell a user whose missing packages we may not install."""
    names = " ".join(packages)
    if (system or platform.system()) == "Darwin":
        return f"The tests need {names}. Run 'brew install --cask {names}', then 'make test' again."
    return f"The tests need {names}. Run 'sudo apt-get install {names}' (or your system's way), then 'make test' again."
