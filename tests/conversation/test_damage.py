"""What the store does when the process, the disk or the file fails."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from tests.fakes.replies import MESSAGE, flower_reply
from tunewise.conversation import ConversationStore
from tunewise.conversation.database import explain
from tunewise.errors import BusyError, ConversationError

NOBODY = 65534


@pytest.mark.reliability
def test_no_acknowledged_turn_is_lost_when_the_process_is_killed(tmp_path: Path):
    path = tmp_path / "conversations.sqlite3"
    for kill in range(8):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.conversation.talker", str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(1 + 3 * kill)]
        process.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in process.stdout.read().splitlines() if line]
        process.wait()
        process.stdout.close()
        store = ConversationStore(path)
        kept = [turn.number for turn in store.turns(store.list()[0].id)]
        store.close()
        assert kept == list(range(1, len(kept) + 1))
        assert kept[-1] >= acknowledged[-1]


def test_a_full_disk_is_said_and_earlier_turns_stay(store):
    conversation = store.create()
    store.add_turn(conversation, MESSAGE, flower_reply())
    with store._database.reading() as connection:  # the store's own size limit stands in for the disk's
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ConversationError, match=r"full.*Free some space"):
        store.add_turn(conversation, MESSAGE, flower_reply(answer="long " * 20_000))
    assert len(store.turns(conversation)) == 1
    with store._database.reading() as connection:
        connection.execute("PRAGMA max_page_count = 100000")
    assert store.add_turn(conversation, MESSAGE, flower_reply()).number == 2


def test_in_a_read_only_folder_conversations_are_read_and_writing_says_what_to_do():
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to other users
        _read_only_folder(Path(folder))


def _read_only_folder(folder: Path) -> None:
    path = folder / "conversations.sqlite3"
    store = ConversationStore(path)
    store.create("kept")
    store.close()
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        printed = _as_nobody(path, "print(store.list()[0].title)\ntry: store.create()\nexcept Exception as e: print(e)")
    finally:
        folder.chmod(0o755)
    assert printed.startswith("kept\n")
    assert "cannot be written" in printed
    assert "TUNEWISE_HOME" in printed


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    store = ConversationStore(tmp_path / "file" / "conversations.sqlite3")
    with pytest.raises(ConversationError, match="TUNEWISE_HOME"):
        store.list()


@pytest.mark.parametrize("content", [b"garbage" * 500, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes):
    path = tmp_path / "conversations.sqlite3"
    path.write_bytes(content)
    with pytest.raises(ConversationError, match=r"conversations\.sqlite3"):
        ConversationStore(path).list()
    assert path.read_bytes() == content


def test_a_file_of_another_program_is_refused(tmp_path: Path):
    path = tmp_path / "conversations.sqlite3"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE songs (name TEXT)")
    other.close()
    with pytest.raises(ConversationError, match="another program"):
        ConversationStore(path).list()


def test_a_store_of_a_newer_version_is_not_touched(store):
    store.create()
    with store._database.reading() as connection:
        connection.execute("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(ConversationError, match="schema version 99"):
        store.list()


def test_a_damaged_turn_is_named_and_leaves_the_other_conversations_usable(store):
    broken, sound = store.create("broken"), store.create("sound")
    for conversation in (broken, sound):
        store.add_turn(conversation, MESSAGE, flower_reply())
    with store._database.writing() as connection:
        connection.execute("UPDATE turns SET reply = '{' WHERE conversation = ?", (broken,))
    with pytest.raises(ConversationError, match="Turn 1"):
        store.turns(broken)
    assert len(store.turns(sound)) == 1
    assert len(store.list()) == 2


def test_many_processes_may_open_a_new_store_at_once(tmp_path: Path):
    code = "import sys; from pathlib import Path; from tunewise.conversation import ConversationStore\n"
    code += "ConversationStore(Path(sys.argv[1])).create()"
    path = tmp_path / "conversations.sqlite3"
    processes = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(6)]
    assert [process.wait() for process in processes] == [0] * 6
    store = ConversationStore(path)
    assert len(store.list()) == 6
    store.close()


def test_a_locked_store_asks_to_try_again():
    assert isinstance(explain(sqlite3.OperationalError("database is locked"), Path("c")), BusyError)


def test_closed_threads_leave_no_open_files(store):
    store.create()
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    for _ in range(20):
        thread = threading.Thread(target=store.list)
        thread.start()
        thread.join()
    after = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    assert after <= before + 2  # SQLite may keep one handle for reuse


def _as_nobody(path: Path, code: str) -> str:
    """Run code on a store as a user without rights here; root ignores the mode of files."""
    opening = f"from tunewise.conversation import ConversationStore\nstore = ConversationStore(Path({str(path)!r}))\n"
    dropping = f"import os\nfrom pathlib import Path\nif os.getuid() == 0: os.setuid({NOBODY})\n"
    result = subprocess.run(
        [sys.executable, "-c", dropping.replace("if os", "import tunewise.conversation\nif os") + opening + code],
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout + result.stderr
