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
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to serve on (default: %(default)s, this machine only)"
    )
    parser.add_argument("--port", type=int, help="port (default: 7860, or the next free one)")
    parser.add_argument(
        "--auth",
        action="append",
        default=[],
        metavar="NAME:PASSWORD",
        help=f"login, can be repeated; required beyond this machine (or set {AUTH_VARIABLE}, or use --auth-file)",
    )
    parser.add_argument("--auth-file", type=Path, metavar="FILE", help="file with one NAME:PASSWORD a line")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="further host name to answer to"
    )
    parser.add_argument("--root-path", default="", metavar="PATH", help="path below which a proxy serves the page")
    parser.add_argument("--tls-certificate", type=Path, metavar="PEM", help="certificate, to serve by https")
    parser.add_argument("--tls-key", type=Path, metavar="PEM", help="key of the certificate")
    parser.add_argument(
        "--queue-size",
        type=int,
        default=16,
        metavar="N",
        help="most people waiting for the model (default: %(default)s)",
    )
    parser.add_argument("--no-model", action="store_true", help="rules, sources and composed text only")
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")


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
            lines += [
                line for line in file.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")
            ]
        except OSError as error:
            raise SettingsError(f"The login file {str(file)!r} cannot be read ({error.strerror}).") from error
    logins = {}
    for line in lines:
        name, colon, password = line.strip().partition(":")
        if not (name and colon and password):
            raise SettingsError("A login must be NAME:PASSWORD, with neither part empty.")
        logins[name] = password
    return logins
