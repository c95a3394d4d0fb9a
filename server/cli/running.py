"""Commands that run until they are stopped: the server and its clock."""

import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import click

from server.cli.city import fill, say_where_to_look, summary_of
from server.cli.instance import CannotStart, open_instance, serving
from server.config import Config
from server.core.jobs import run_clock


@click.command()
@click.option("--demo", is_flag=True, help="Fill an empty instance with the demo city and say where to look.")
def serve(demo: bool) -> None:
    """Serve the city. Upgrades the database first."""
    app, config = open_instance()
    address = _free_address(config)
    if demo:
        with app.app_context():
            fill()
            say_where_to_look(summary_of(config))
    with serving(config):
        _run(config, address)


@click.command()
@click.option("--beside", type=int, hidden=True, help="End when the process of this number has ended.")
def clock(beside: int | None) -> None:
    """Do what is due: decide what waited too long, forget what is old. Of several clocks one leads."""
    app, config = open_instance()
    _log_to_stderr()
    stops: list[int] = []
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda number, _: stops.append(number))  # the job in hand comes to its end
    with serving(config):
        run_clock(app, lambda: bool(stops) or beside not in (None, os.getppid()))


def _run(config: Config, address: str) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    _log_to_stderr()
    server = Granian(
        "server.app:create_app",
        factory=True,
        address=address,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=config.workers,
        blocking_threads=config.threads,
        log_level=LogLevels.warning,
        log_access=False,  # the paths of learners' links are secrets
        websockets=False,
        respawn_failed_workers=True,
    )
    with _clock_beside() if config.clock else nullcontext():
        server.serve()


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


@contextmanager
def _clock_beside() -> Iterator[None]:
    """Run a clock in a process of its own. It ends with us; an interrupt from the keyboard is ours alone."""
    command = [sys.executable, "-P", "-m", "server.cli", "clock", "--beside", str(os.getpid())]
    clock = subprocess.Popen(command, start_new_session=True)
    try:
        yield
    finally:
        clock.terminate()
        try:
            clock.wait(timeout=10)
        except subprocess.TimeoutExpired:
            clock.kill()
            clock.wait()


def _free_address(config: Config) -> str:
    """Return the number behind the host's name, on which nobody else listens. Raises CannotStart."""
    try:
        found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotStart(f"STREETWISE_HOST names no address of this machine: {config.host}.") from error
    family, *_, place = sorted(found)[0]  # IPv4 comes first
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise CannotStart(
            f"Port {config.port} of {config.host} is not free ({error.strerror}). "
            "Stop what uses it, or choose another in STREETWISE_PORT (and STREETWISE_BASE_URL)."
        ) from error
    return str(place[0])
