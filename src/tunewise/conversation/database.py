"""The SQLite file behind the conversation store: one connection, errors that say what to do."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunewise.errors import BusyError, ConversationError, TunewiseError

SCHEMA_VERSION = 2  # schema.sql makes the first, schema-N.sql version N of the one before
APPLICATION_ID = 0x54756E65  # "Tune": tells our file from another program's

BUSY_TIMEOUT_S = 10.0


class Database:
    """One connection to the store's file, which threads use one after the other.

    Raises:
        ConversationError: On first use, if the file is not ours, is damaged, or comes from a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for reading; SQLite's errors become ours."""
        with self._lock:
            try:
                self._connection = self._connection or _open(self.path)
                yield self._connection
            except sqlite3.Error as problem:
                raise explain(problem, self.path) from problem

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: on return it is on disk (synced), after any error nothing of it is."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk can have rolled it back already
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the connection; the store can be used again afterwards."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def explain(problem: sqlite3.Error, path: Path) -> TunewiseError:
    """The error of ours for one of SQLite's, with the next step."""
    text = str(problem)
    if "locked" in text or "busy" in text:
        return BusyError(f"Another process is writing to the conversations at {str(path)!r}. Try again in a moment.")
    if "readonly" in text or "read-only" in text or "unable to open" in text:
        return ConversationError(
            f"The conversations at {str(path)!r} cannot be written ({text}). "
            "Make the folder writable, or set TUNEWISE_HOME to one that is. Nothing was lost."
        )
    if "full" in text or "disk I/O" in text:
        return ConversationError(
            f"The disk with {str(path)!r} is full or failing ({text}). Free some space and send the message again; "
            "earlier turns are kept."
        )
    if isinstance(problem, sqlite3.DatabaseError) and ("malformed" in text or "not a database" in text):
        return ConversationError(
            f"The conversation store {str(path)!r} is damaged ({text}). Move it away to start a new one; "
            "'sqlite3 FILE .recover' may bring back its contents."
        )
    return ConversationError(f"The conversation store {str(path)!r} cannot be used ({text}). Run 'tunewise doctor'.")


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # what people write here is private
    except OSError as problem:
        raise ConversationError(
            f"The folder {str(path.parent)!r} for conversations cannot be written ({problem.strerror}). "
            "Free some space, make it writable, or set TUNEWISE_HOME to another folder."
        ) from problem
    try:
        return _connected(path, read_only=False)
    except sqlite3.OperationalError as problem:
        if "readonly" not in str(problem) and "unable to open" not in str(problem):
            raise
        return _connected(path, read_only=True)


def _connected(path: Path, *, read_only: bool) -> sqlite3.Connection:
    # On a read-only disk SQLite cannot make the file that WAL shares between processes; as nobody can write there,
    # the file may be read as immutable.
    address = path.absolute().as_uri() + ("?mode=ro&immutable=1" if read_only else "?mode=rw")
    connection = sqlite3.connect(
        address, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.row_factory = sqlite3.Row
        connection.create_function("contains", 2, _contains, deterministic=True)
        connection.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            _prepare(connection)
        _check_version(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    # FULL syncs every commit, so that a turn that was acknowledged survives a power cut, not only kill -9.
    for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
        _run(connection, "schema.sql")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
    application, version = _marks(connection)
    if application == APPLICATION_ID and 1 <= version < SCHEMA_VERSION:
        for number in range(version + 1, SCHEMA_VERSION + 1):
            _run(connection, f"schema-{number}.sql")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _run(connection: sqlite3.Connection, name: str) -> None:
    for statement in Path(__file__).with_name(name).read_text(encoding="utf-8").split(";\n"):
        connection.execute(statement)


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    """Whose file it is, and the version of its schema."""
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    return application, version


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    application, version = _marks(connection)
    if application != APPLICATION_ID:
        raise ConversationError(f"{str(path)!r} belongs to another program. Move it away, or set TUNEWISE_HOME.")
    if version != SCHEMA_VERSION:
        raise ConversationError(
            f"{str(path)!r} has schema version {version}, this Tunewise reads {SCHEMA_VERSION}. "
            "Update Tunewise, or set TUNEWISE_HOME to another folder."
        )


def _contains(text: str | None, wanted: str) -> bool:
    return text is not None and wanted.casefold() in text.casefold()
