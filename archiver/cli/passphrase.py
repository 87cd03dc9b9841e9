"""Asks for the passphrase of the user's own key: the environment's, else what is typed unseen; it is kept nowhere."""

from __future__ import annotations

import os
import sys
import warnings
from getpass import GetPassWarning, getpass

from archiver.config import PASSPHRASE


def ask() -> str:
    """Return the passphrase.

    Raises:
        ConfigError: the environment has none, and there is no terminal on which it could be typed unseen.
    """
    from archiver.custody.desk import nobody

    if (given := os.environ.get(PASSPHRASE)) is not None:
        return given
    if not sys.stderr.isatty():
        return nobody()
    with warnings.catch_warnings():
        # Without a terminal of its own, getpass would read standard input, and let everybody see what is typed.
        warnings.simplefilter("error", GetPassWarning)
        try:
            return getpass("Passphrase of your own key: ", sys.stderr)
        except (GetPassWarning, EOFError):
            return nobody()
