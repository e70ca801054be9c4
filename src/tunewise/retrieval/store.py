"""Generations of the index on disk: built aside, verified as a whole, switched to atomically, never half-read.

    <home>/index/
      CURRENT                   name of the generation in use
      gen-<hash>/               the canonical files, chroma/, and manifest.json with the hash of every file
      build-<pid>-<nonce>/      a generation that is being built; swept by the next writer if its maker died
      run-<pid>-<nonce>/        a process's private copy of a Chroma store; swept when that process is gone
      writer.lock, writer.pid   one writer at a time

A generation is named by the hash of its manifest, and the manifest holds the hash of every file, so a generation that
is damaged anywhere, or mixed of two, is not taken for whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tunewise.errors import BusyError, IndexUnavailableError

MANIFEST, CURRENT = "manifest.json", "CURRENT"
_NAME_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Generation:
    """A whole generation, verified. `files` holds the canonical files, as they were when their hashes were checked."""

    folder: Path
    key: str
    manifest: Mapping[str, object]
    files: Mapping[str, bytes]

    @property
    def name(self) -> str:
        """Name of its folder: "gen-" and the hash of its manifest."""
        return self.folder.name


class GenerationStore:
    """The generations below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current_name(self) -> str | None:
        """What CURRENT names; None if there is no such file or it is damaged."""
        try:
            name = (self.folder / CURRENT).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return None
        return name if _is_name(name) else None

    def find(self, key: str) -> Generation | None:
        """The whole generation with this key: the current one, else the previous one, else None."""
        for name in self._names():
            generation = self.verified(name)
            if generation is not None and generation.key == key:
                return generation
        return None

    def newest(self) -> Generation | None:
        """The current generation if it is whole, else the previous one, whatever they were built from."""
        return next((found for name in self._names() if (found := self.verified(name)) is not None), None)

    def verified(self, name: str) -> Generation | None:
        """The generation of this name if every file is there, unchanged, and there is no other; None otherwise."""
        folder = self.folder / name
        try:
            manifest_bytes = (folder / MANIFEST).read_bytes()
            if hashlib.sha256(manifest_bytes).hexdigest()[:_NAME_LENGTH] != name.removeprefix("gen-"):
                return None
            manifest = json.loads(manifest_bytes)
            expected: Mapping[str, str] = manifest["files"]
            if {path.relative_to(folder).as_posix() for path in _files_in(folder)} != {*expected, MANIFEST}:
                return None
            canonical = {}
            for path, digest in expected.items():
                content = (folder / path).read_bytes()
                if hashlib.sha256(content).hexdigest() != digest:
                    return None
                if "/" not in path:
                    canonical[path] = content
            return Generation(folder, str(manifest["key"]), manifest, canonical)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the only right to write; taken for a whole build.

        Raises:
            BusyError: At once, with the pid, if another process is writing.
            IndexUnavailableError: If the folder cannot be written.
        """
        from filelock import FileLock, Timeout

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / "writer.lock")
            lock.acquire(timeout=0)
        except Timeout:
            raise BusyError(
                f"Process {self._writer()} is building the index in {str(self.folder)!r}. Wait until it has finished."
            ) from None
        except OSError as error:
            raise IndexUnavailableError(
                f"The index folder {str(self.folder)!r} cannot be written ({error.strerror}). Set TUNEWISE_HOME."
            ) from error
        try:
            with suppress(OSError):  # on a full disk the pid is left out of the other's message, no more
                (self.folder / "writer.pid").write_text(str(os.getpid()), encoding="ascii")
            self._sweep()
            yield
        finally:
            lock.release()

    def new_folder(self, kind: str) -> Path:
        """A fresh private folder of this process: kind "build" or "run"."""
        folder = self.folder / f"{kind}-{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir(parents=True)
        return folder

    def publish(self, folder: Path, key: str, facts: Mapping[str, object]) -> Generation:
        """Make a finished build the current generation; keeps the one before it. Call it while `writing`.

        Raises:
            IndexUnavailableError: If it does not read back as it was written; CURRENT is untouched then.
        """
        files = {}
        for path in sorted(_files_in(folder)):
            _sync(path)
            files[path.relative_to(folder).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
        manifest = {**facts, "key": key, "nonce": secrets.token_hex(8), "files": files}
        content = json.dumps(manifest, indent=1, sort_keys=True).encode()
        (folder / MANIFEST).write_bytes(content)
        _sync(folder / MANIFEST)
        _sync(folder)
        name = f"gen-{hashlib.sha256(content).hexdigest()[:_NAME_LENGTH]}"
        folder.rename(self.folder / name)
        _sync(self.folder)
        generation = self.verified(name)
        if generation is None:
            raise IndexUnavailableError(f"The new index {name!r} does not read back whole. Check the disk.")
        previous = self.current_name()
        self.point_to(name)
        self._remove_all_but({name, previous})
        return generation

    def point_to(self, name: str) -> None:
        """Replace CURRENT atomically."""
        partial = self.folder / f"{CURRENT}.{os.getpid()}"
        partial.write_text(name + "\n", encoding="ascii")
        _sync(partial)
        partial.replace(self.folder / CURRENT)
        _sync(self.folder)

    def private_copy(self, generation: Generation, subfolder: str) -> Path | None:
        """A verified, writable copy of a part of a generation; None if the part is damaged or not there."""
        prefix = f"{subfolder}/"
        expected: Mapping[str, str] = generation.manifest["files"]  # type: ignore[assignment]
        wanted = {path: digest for path, digest in expected.items() if path.startswith(prefix)}
        if not wanted:
            return None
        copy = self.new_folder("run")
        for path, digest in wanted.items():
            target = copy / path
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(generation.folder / path, target)
            except FileNotFoundError:
                return None
            if hashlib.sha256(target.read_bytes()).hexdigest() != digest:
                return None
        return copy / subfolder

    def _names(self) -> list[str]:
        """Generations, the current one first, then the others, newest first."""
        current = self.current_name()
        try:
            folders = [path for path in self.folder.iterdir() if _is_name(path.name)]
            others = sorted(folders, key=lambda path: -path.stat().st_mtime_ns)
        except OSError:
            return [current] if current else []
        names = [path.name for path in others if path.name != current]
        return [current, *names] if current else names

    def _writer(self) -> str:
        try:
            return (self.folder / "writer.pid").read_text(encoding="ascii").strip() or "?"
        except (OSError, ValueError):
            return "?"

    def _sweep(self) -> None:
        """Remove what processes that are gone left behind."""
        for path in self.folder.iterdir():
            kind, _, rest = path.name.partition("-")
            if kind in {"build", "run"} and not _alive(rest.partition("-")[0]):
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.startswith(f"{CURRENT}.") and not _alive(path.suffix[1:]):
                path.unlink(missing_ok=True)

    def _remove_all_but(self, kept: set[str | None]) -> None:
        for path in self.folder.iterdir():
            if _is_name(path.name) and path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)


def _is_name(name: str) -> bool:
    digits = name.removeprefix("gen-")
    return name.startswith("gen-") and len(digits) == _NAME_LENGTH and set(digits) <= set("0123456789abcdef")


def _files_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())


def _alive(pid: str) -> bool:
    """Whether a process with this number runs; what is no process number never does."""
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        return True  # it runs, for somebody else
    except (ValueError, OverflowError, ProcessLookupError):
        return False
    return True


def _sync(path: Path) -> None:
    """Flush a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
