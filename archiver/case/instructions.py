"""The text of VERIFY.txt: how to check a capture with stock tools; a constant of each format version, never edited."""

from __future__ import annotations

from typing import Final

VERIFY_TEXTS: Final[dict[str, bytes]] = {
    "1": b"""\
HOW TO CHECK THIS CAPTURE WITHOUT THE PROGRAM THAT MADE IT

This folder is a BagIt bag (RFC 8493). Open a terminal in it and paste the commands for your system.

Linux

    sha256sum --strict -c tagmanifest-sha256.txt
    sha256sum --strict -c manifest-sha256.txt

macOS

    shasum -a 256 --strict -c tagmanifest-sha256.txt
    shasum -a 256 --strict -c manifest-sha256.txt

Windows (PowerShell)

    foreach ($list in 'tagmanifest-sha256.txt', 'manifest-sha256.txt') {
      Get-Content $list | ForEach-Object {
        $hash, $file = $_ -split '  ', 2
        $same = (Get-FileHash -Algorithm SHA256 -LiteralPath $file).Hash -eq $hash
        "${file}: $(if ($same) { 'OK' } else { 'FAILED' })"
      }
    }

WHAT THIS PROVES
Every line has to end in OK. Then each listed file is, byte for byte, the one whose digest was written down when the
capture was sealed. A file that is in this folder but in neither list is not part of the capture, this file's own lists
excepted.

WHAT THIS DOES NOT PROVE
Whoever changes a file can write new lists as well. The lists protect the capture only as far as the digest of
tagmanifest-sha256.txt is known from elsewhere: compare it with the one that you were given at the time. This capture
carries no signature and no time-stamp. Nothing here proves what the platform's server sent: it is what the operator's
program recorded.

WHERE THINGS ARE
    data/capture.warc            every request and response, as they went over the wire (ISO 28500)
    data/media                   the media as served
    data/post.json               the post, each fact with the record that it came from
    data/post.html               a rendition for reading, not the original page
    data/custody-manifest.json   who captured what, when and how, and every file bound to its record
""",
}
