"""Serve the page: open the advisor, choose a port, put the front door before Gradio, open the browser."""

from __future__ import annotations

import asyncio
import hmac
import socket
import threading
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunewise import offline
from tunewise.desk import Desk
from tunewise.errors import SettingsError, WeightsError
from tunewise.settings import Settings
from tunewise.ui.hardening import MAX_BODY_BYTES, Doors, FrontDoor, doors_for, is_loopback

if TYPE_CHECKING:
    from tunewise.advisor import Advisor

PORTS_TRIED = 20
WRONG_PASSWORD_DELAY_S = 1.0


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How to serve.

    Attributes:
        host: Address to bind to; anything but loopback needs `logins`.
        port: Port, or None for 7860 or the next one that is free.
        logins: User name → password.
        root_path: Path below which a proxy serves the page, for example "/tunewise".
        tls_certificate: PEM file; with `tls_key` the page is served by https.
        tls_key: PEM file.
        queue_size: How many may wait for the model.
        rules_only: Work without a model.
        open_browser: Whether to open the page in the default browser.
        allowed_hosts: Further host names that the server is reached by.
        settings: Settings in force; None reads the environment.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    logins: Mapping[str, str] = field(default_factory=dict, repr=False)
    root_path: str = ""
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    queue_size: int = 16
    rules_only: bool = False
    open_browser: bool = True
    allowed_hosts: Collection[str] = ()
    settings: Settings | None = None


def serve(options: ServeOptions, *, say: Callable[[str], None] = print) -> None:
    """Serve until interrupted.

    Raises:
        SettingsError: If the options do not fit together, or the port is taken.
        TunewiseError: If the advisor cannot be opened.
    """
    check(options)
    offline.seal()
    port = free_port(options.host, options.port)
    advisor, rules_only = open_advisor(options, say)
    with advisor:
        page = start(advisor, options, port, rules_only=rules_only)
        scheme = "https" if options.tls_certificate else "http"
        shown = "localhost" if is_loopback(options.host) else options.host
        say(f"Tunewise is at {scheme}://{shown}:{port}{options.root_path}  (Ctrl+C stops it)")
        Desk(advisor).warm_up()
        try:
            threading.Event().wait()
        finally:
            page.close(verbose=False)


def check(options: ServeOptions) -> None:
    """Refuse options that would be unsafe or cannot work.

    Raises:
        SettingsError: With what to change.
    """
    if not is_loopback(options.host) and not options.logins:
        raise SettingsError(
            f"Serving on {options.host!r} makes the page reachable from other machines. "
            "Give a login with --auth NAME:PASSWORD (or --auth-file FILE), or serve on 127.0.0.1."
        )
    if bool(options.tls_certificate) != bool(options.tls_key):
        raise SettingsError("TLS needs both --tls-certificate and --tls-key.")
    for path in (options.tls_certificate, options.tls_key):
        if path and not path.is_file():
            raise SettingsError(f"There is no TLS file at {str(path)!r}.")
    if options.queue_size < 1:
        raise SettingsError(f"--queue-size is {options.queue_size}; it must be at least 1.")
    if options.root_path and not options.root_path.startswith("/"):
        raise SettingsError(f"--root-path is {options.root_path!r}; it must begin with '/'.")


def free_port(host: str, wanted: int | None) -> int:
    """The wanted port, or the first free one from 7860.

    Raises:
        SettingsError: If the wanted port, or all of them, are taken.
    """
    family, reason = socket.AF_INET6 if ":" in host else socket.AF_INET, ""
    ports = range(7860, 7860 + PORTS_TRIED) if wanted is None else [wanted]
    for port in ports:
        try:
            with socket.create_server((host.strip("[]"), port), family=family):
                return port
        except OSError as error:
            reason = error.strerror or str(error)
    named = f"Port {wanted}" if wanted is not None else f"Every port from {ports[0]} to {ports[-1]}"
    raise SettingsError(f"{named} on {host!r} cannot be used ({reason}). Choose another with --port.")


def open_advisor(options: ServeOptions, say: Callable[[str], None]) -> tuple[Advisor, bool]:
    """The advisor, and whether it works without a model: asked for, or because the weights are not there."""
    from tunewise.advisor import Advisor

    settings = options.settings or Settings.from_environment()
    if options.rules_only:
        return Advisor.open(settings, rules_only=True), True
    try:
        return Advisor.open(settings), False
    except WeightsError as error:
        say(f"{error} Until then the page works without a model: rules, sources and composed text.")
        return Advisor.open(settings, rules_only=True), True


def start(advisor: Advisor, options: ServeOptions, port: int, *, rules_only: bool = False) -> Any:
    """Launch the page in the background and return it; `close()` stops it."""
    from starlette.middleware import Middleware

    from tunewise.ui.app import build, launch_options

    engine = engine_name(advisor, rules_only)
    page = build(advisor, engine=engine, rules_only=rules_only, queue_size=options.queue_size)
    doors: Doors = doors_for(options.host, options.allowed_hosts, secure=bool(options.tls_certificate))
    page.launch(
        server_name=options.host,
        server_port=port,
        root_path=options.root_path or None,
        auth=login_check(options.logins) if options.logins else None,  # type: ignore[arg-type]  # may be async
        auth_message="Sign in to Tunewise",
        ssl_certfile=str(options.tls_certificate) if options.tls_certificate else None,
        ssl_keyfile=str(options.tls_key) if options.tls_key else None,
        ssl_verify=False,  # only concerns Gradio's own start-up request to this server
        inbrowser=options.open_browser,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        strict_cors=True,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        max_file_size=MAX_BODY_BYTES,
        allowed_paths=[],
        app_kwargs={"middleware": [Middleware(FrontDoor, doors=doors)]},
        **launch_options(),
    )
    return page


def engine_name(advisor: Advisor, rules_only: bool) -> str:
    """What writes the explanations, as the header shows it."""
    if rules_only:
        return "Rules only, no model"
    settings = advisor.settings
    if settings.remote_url:
        return f"{settings.remote_model or 'Model'} on {settings.remote_url}"
    name = settings.model.rpartition("/")[2].removesuffix(".gguf")
    return f"{name}, on this machine"


def login_check(logins: Mapping[str, str]) -> Callable[[str, str], Coroutine[Any, Any, bool]]:
    """Whether a name and password fit; a wrong one is answered late, so that guessing is slow."""

    async def is_right(name: str, password: str) -> bool:
        right = hmac.compare_digest(logins.get(name, "").encode(), password.encode()) and name in logins
        if not right:
            await asyncio.sleep(WRONG_PASSWORD_DELAY_S)
        return right

    return is_right
