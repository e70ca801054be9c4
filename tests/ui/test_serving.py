"""Options of `tunewise serve`, refused where they would be unsafe."""

from __future__ import annotations

import argparse
import asyncio
import socket
from pathlib import Path

import pytest

from tunewise.cli.serve import add_parsers, logins_from
from tunewise.errors import SettingsError
from tunewise.ui import serve
from tunewise.ui.serve import ServeOptions, check, free_port, login_check


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_beyond_this_machine_a_login_is_required(host: str) -> None:
    with pytest.raises(SettingsError, match="--auth"):
        check(ServeOptions(host=host))


def test_with_a_login_it_may_be_reached_from_elsewhere() -> None:
    check(ServeOptions(host="0.0.0.0", logins={"ann": "secret"}))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (ServeOptions(tls_key=Path("/nowhere.pem")), "both"),
        (ServeOptions(tls_key=Path("/nowhere.pem"), tls_certificate=Path("/nowhere.pem")), "no TLS file"),
        (ServeOptions(queue_size=0), "at least 1"),
        (ServeOptions(root_path="tunewise"), "begin with"),
    ],
)
def test_options_that_cannot_work_say_what_to_change(options: ServeOptions, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        check(options)


def test_a_port_that_was_asked_for_and_is_taken_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="--port"):
            free_port("127.0.0.1", taken.getsockname()[1])


def test_without_a_wish_the_first_free_port_is_taken() -> None:
    assert 7860 <= free_port("127.0.0.1", None) < 7860 + serve.PORTS_TRIED


def test_logins_come_from_options_file_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "logins"
    file.write_text("# people\nbob:two:parts\n\n")
    monkeypatch.setenv("TUNEWISE_AUTH", "cas:3")

    assert logins_from(["ann:1"], file) == {"ann": "1", "bob": "two:parts", "cas": "3"}


@pytest.mark.parametrize("pair", ["ann", "ann:", ":secret", ""])
def test_a_login_without_name_or_password_is_refused(pair: str) -> None:
    with pytest.raises(SettingsError, match="NAME:PASSWORD"):
        logins_from([pair], None)


def test_only_the_right_password_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "WRONG_PASSWORD_DELAY_S", 0.0)
    is_right = login_check({"ann": "secret"})

    assert asyncio.run(is_right("ann", "secret"))
    for name, password in (("ann", "wrong"), ("bob", ""), ("", ""), ("ann", "")):
        assert not asyncio.run(is_right(name, password))


def test_passwords_are_not_shown_when_options_are_printed() -> None:
    assert "secret" not in repr(ServeOptions(logins={"ann": "secret"}))


def test_the_command_has_every_option_that_is_promised() -> None:
    parser = argparse.ArgumentParser()
    add_parsers(parser.add_subparsers())
    given = parser.parse_args(
        "serve --host 0.0.0.0 --port 1 --auth a:b --root-path /t --tls-certificate c --tls-key k "
        "--queue-size 3 --model m --no-model --no-browser --allow-host h --auth-file f".split()
    )

    assert (given.port, given.auth, given.queue_size, given.no_browser) == (1, ["a:b"], 3, True)
