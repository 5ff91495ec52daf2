"""Serves an ASGI application for a test on a loopback port, with uvicorn as in production."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import uvicorn

from scripts.node_folder import free_ports


@contextmanager
def serving(app: Any, port: int | None = None) -> Generator[str]:
    """The application's address while the block runs."""
    used = port or free_ports(1)[0]
    config = uvicorn.Config(
        app, host="127.0.0.1", port=used, log_level="warning", ws="none", timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{used}"
    finally:
        server.should_exit = True
        thread.join(10)
