"""A process that appends to a custody log until it has done so COUNT times, fails or is killed; it tells each line.

Usage: log_worker.py CASE HOME KEY NAME COUNT [LIMIT]. KEY is a file with the 32 bytes of an Ed25519 key, NAME the
capture that the events are about, LIMIT the size in bytes beyond which no file grows, as on a full disk.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archiver.case import store
from archiver.custody.keys import FileSigner
from archiver.custody.log import CustodyLog


def main(case: str, home: str, key: str, name: str, count: str, limit: str = "") -> None:
    signer = FileSigner(Ed25519PrivateKey.from_private_bytes(Path(key).read_bytes()))
    log = CustodyLog(store.open_case(Path(case)), Path(home), signer)
    if limit:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    for number in range(int(count)):
        try:
            line = log.append("noted", capture=name, text={"note": f"{name} {number}"})
        except OSError as error:
            print(f"error {error.errno}", flush=True)
            return
        print(f"{line.writer} {line.seq} {number}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
