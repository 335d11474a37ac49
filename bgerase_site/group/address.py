"""The address of the web server: whether it can be had, and whether it answers."""

import http.client
import socket
import time

_PATIENCE = 0.25  # Seconds that one question may hold up the supervisor.


def why_not_free(host: str, port: int, patience: float = 0.0) -> str | None:
    """The system's words for why nobody can listen there, after up to `patience` seconds."""
    deadline = time.monotonic() + patience
    while (reason := _refusal(host, port)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return reason


def _refusal(host: str, port: int) -> str | None:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[
            0
        ]
        with socket.socket(family, kind, protocol) as listener:
            # As the web server does: a connection that is only fading out is no hindrance.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(where)
            listener.listen()
    except OSError as error:
        return error.strerror or str(error)
    return None


def reachable(host: str) -> str:
    """Where this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def bracketed(host: str) -> str:
    """`host` as an address writes it: an IPv6 address stands in brackets."""
    return f"[{host}]" if ":" in host else host


def answers(host: str, port: int, named: str) -> bool:
    """True once /healthz, asked under the host name `named`, gives any answer but a failure."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/healthz", headers={"Host": named, "Connection": "close"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
