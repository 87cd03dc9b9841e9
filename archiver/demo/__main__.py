"""`python -m archiver.demo` runs the box with the sample posts until it is interrupted; it reads no settings."""

from __future__ import annotations

import contextlib
import sys
import threading

from archiver.demo.box import Box
from archiver.demo.sample import ARTICLE_URL, POSTS


def main() -> None:
    """Start the box, say how to enter it and what is there to see, and wait for an interrupt."""
    with contextlib.suppress(KeyboardInterrupt), Box() as box:
        names = ("HTTPS_PROXY", "HTTP_PROXY", "SSL_CERT_FILE")
        lines = [f"export {name}={value}" for name, value in box.environment().items() if name in names]
        lines += ["", f"# {'ARTICLE':<15} {ARTICLE_URL}"]
        lines += [f"# {name:<15} {post.url}" for name, post in POSTS.items()]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
