"""`python -m archiver.demo` runs the box with the sample posts until it is interrupted; it reads no settings."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading

from archiver.demo.box import Box
from archiver.demo.sample import ARTICLE_URL, POSTS
from archiver.demo.timestamps import HOSTS


def main() -> None:
    """Start the box, say how to enter it and what is there to see, and wait for an interrupt."""
    # Whoever starts this in the background may have left interrupts ignored, and could then not end it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), Box() as box:
        names = ("HTTPS_PROXY", "HTTP_PROXY", "SSL_CERT_FILE")
        lines = [f"export {name}={value}" for name, value in box.environment().items() if name in names]
        lines.append(f"export ARCHIVER_TIMESTAMP_AUTHORITIES={','.join(f'http://{host}/' for host in HOSTS)}")
        lines.append(f"export ARCHIVER_TIMESTAMP_ROOTS={box.tsa_roots_file}")
        lines += ["", f"# {'ARTICLE':<15} {ARTICLE_URL}"]
        lines += [f"# {name:<15} {post.url}" for name, post in POSTS.items()]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
