"""`tunewise serve`: the page in the browser."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tunewise.cli.options import Commands, command, settings_from
from tunewise.errors import SettingsError

AUTH_VARIABLE = "TUNEWISE_AUTH"


def add_parsers(commands: Commands) -> None:
    """Add `serve`."""
    description = "Serve the advisor as a page and open the browser."
    parser = command(commands, "serve", run, "open the advisor in the browser", description)
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to serve on (default: %(default)s, this machine only)")
    add("--port", type=int, help="port (default: 7860, or the next free one)")
    login = f"login, can be repeated; required beyond this machine (or set {AUTH_VARIABLE}, or use --auth-file)"
    add("--auth", action="append", default=[], metavar="NAME:PASSWORD", help=login)
    add("--auth-file", type=Path, metavar="FILE", help="file with one NAME:PASSWORD a line")
    add("--allow-host", action="append", default=[], metavar="NAME", help="further host name to answer to")
    add("--root-path", default="", metavar="PATH", help="path below which a proxy serves the page")
    add("--tls-certificate", type=Path, metavar="PEM", help="certificate, to serve by https")
    add("--tls-key", type=Path, metavar="PEM", help="key of the certificate")
    longest = "most people waiting for the model (default: %(default)s)"
    add("--queue-size", type=int, default=16, metavar="N", help=longest)
    add("--no-model", action="store_true", help="rules, sources and composed text only")
    add("--no-browser", action="store_true", help="do not open the browser")


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; 0 then."""
    from tunewise.ui.serve import ServeOptions, serve

    options = ServeOptions(
        **{name: getattr(arguments, name) for name in ("host", "port", "tls_certificate", "tls_key", "queue_size")},
        logins=logins_from(arguments.auth, arguments.auth_file),
        root_path=arguments.root_path.rstrip("/"),
        rules_only=arguments.no_model,
        open_browser=not arguments.no_browser,
        allowed_hosts=arguments.allow_host,
        settings=settings_from(arguments),
    )
    try:
        serve(options, say=lambda line: print(line, flush=True))
    except KeyboardInterrupt:
        print("Stopped.")
    return 0


def logins_from(pairs: list[str], file: Path | None) -> dict[str, str]:
    """Name → password from the options, the file and the environment.

    Raises:
        SettingsError: If a pair is not NAME:PASSWORD, or the file cannot be read.
    """
    lines = [*pairs, *([os.environ[AUTH_VARIABLE]] if os.environ.get(AUTH_VARIABLE) else [])]
    if file is not None:
        try:
            written = file.read_text("utf-8").splitlines()
        except OSError as error:
            raise SettingsError(f"The login file {str(file)!r} cannot be read ({error.strerror}).") from error
        lines += [line for line in written if line.strip() and not line.startswith("#")]
    logins = {}
    for line in lines:
        name, colon, password = line.strip().partition(":")
        if not (name and colon and password):
            raise SettingsError("A login must be NAME:PASSWORD, with neither part empty.")
        logins[name] = password
    return logins
