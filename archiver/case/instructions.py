"""The text of VERIFY.txt: how to check a capture with stock tools; a constant of each format version, never edited."""

from __future__ import annotations

from typing import Final

VERIFY_TEXTS: Final[dict[str, bytes]] = {
    "1": b"""\
HOW TO CHECK THIS CAPTURE WITHOUT THE PROGRAM THAT MADE IT

You need three things that do not come from here: OpenSSH and OpenSSL, as they are on most systems; in the file
allowed_signers in your home folder, the line of the key that you trust, which the investigator's side gives you on a
way of its own ('archiver key show' prints it; compare its fingerprint with the one in data/custody-manifest.json by
telephone); in the file tsa-roots.pem in your home folder, the root certificates of the time-stamp authorities (from the
authorities, or archiver/custody/roots/pinned.pem in the source of archiver, which says where they come from).

Open a terminal in this folder, which is a BagIt bag (RFC 8493), and paste what stands below, in this order. Every line
that is printed has to end in OK, or begin with Good or Verification: OK; a line about a self-signed certificate, or of
how many signers there are, does no harm.

0. Once, on macOS

    sha256sum() { shasum -a 256 "$@"; }
    seconds() { date -j -u -f '%b %e %T %Y %Z' "$1" +%s; }

   Once, on Linux

    seconds() { date -u -d "$1" +%s; }

1. The files are those that are listed

    sha256sum --strict -c tagmanifest-sha256.txt
    sha256sum --strict -c manifest-sha256.txt

2. The list was signed by the key that you trust

    signed() { ssh-keygen -Y verify -f ~/allowed_signers -n "$1" -s "$2" -I "$(ssh-keygen -Y find-principals \\
      -f ~/allowed_signers -s "$2" | head -n 1)"; }
    signed archiver-capture tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt

3. The capture stands in a seal, the seal is signed, and authorities say when it existed (in a case or a package, where
   a folder named seals stands beside the one named captures)

    id=$(basename "$PWD"); cd ../../..
    for seal in $(grep -l "/$id/" seals/*/SEAL); do
      grep "/$id/" "$seal" | sha256sum --strict -c
      signed archiver-seal "$seal.sig" < "$seal"
      for reply in "$seal".*.tsr; do
        time=$(openssl ts -reply -in "$reply" -text | sed -n 's/^Time stamp: //p' | sed 's/\\.[0-9]* / /')
        echo "$reply: $time: OK"
        openssl ts -verify -data "$seal" -in "$reply" -CAfile ~/tsa-roots.pem -attime "$(seconds "$time")"
      done
    done

4. The custody log is one chain, its end is signed, and it goes through what the seal says of it

    for log in custody/*.jsonl; do
      previous=''; broken=''; head="${log%.jsonl}.head"
      while IFS= read -r line; do
        case "$line" in "{\\"_prev\\":\\"$previous"*) ;; *) broken=yes ;; esac
        previous=$(printf %s "$line" | sha256sum | cut -c 1-64)
      done < "$log"
      tail -n 1 "$head" | grep -q "\\"$previous\\"" || broken=yes
      if [ "$broken" ]; then echo "$log: BROKEN"; else echo "$log: OK"; fi
      tail -n 1 "$head" | signed archiver-log "$head"
      for digest in $(grep -h "  $log " $(grep -l "/$id/" seals/*/SEAL) | cut -c 1-64); do
        if cat "$log" "$head" | grep -q -e "^{\\"_prev\\":\\"$digest" -e "^{\\"digest\\":\\"$digest"
        then echo "$log: as sealed: OK"; else echo "$log: NOT AS SEALED"; fi
      done
    done
    cd - > /dev/null

On Windows (PowerShell), the files and the signature

    foreach ($list in 'tagmanifest-sha256.txt', 'manifest-sha256.txt') {
      Get-Content $list | ForEach-Object {
        $hash, $file = $_ -split '  ', 2
        $same = (Get-FileHash -Algorithm SHA256 -LiteralPath $file).Hash -eq $hash
        "${file}: $(if ($same) { 'OK' } else { 'FAILED' })"
      }
    }
    $sig = 'tagmanifest-sha256.txt.sig'; $keys = "$HOME\\allowed_signers"
    $who = ssh-keygen -Y find-principals -f $keys -s $sig | Select-Object -First 1
    cmd /c "ssh-keygen -Y verify -f `"$keys`" -n archiver-capture -s $sig -I $who < tagmanifest-sha256.txt"

WHAT THIS PROVES
1: each listed file is, byte for byte, the one whose digest was written down when the capture was sealed. A file that is
in this folder but in no list (this folder's own lists and signature excepted) is not part of the capture.
2: whoever holds the key wrote these lists.
3: they existed at the time that the authorities state, and have not changed since. If the custody manifest names the
opening of the run, it was not written before that one's time-stamp either (the files OPEN beside SEAL).
4: no event was taken out of the log, put into it or moved, up to its signed end.

WHAT THIS DOES NOT PROVE
Who held the key, unless you know that from elsewhere. What the platform's server sent: no recording of a connection can
show that to a third party; it is what the operator's program recorded. That a post is true, or that its author wrote
it.

WHERE THINGS ARE
    data/capture.warc            every request and response, as they went over the wire (ISO 28500)
    data/media                   the media as served
    data/post.json               the post, each fact with the record that it came from
    data/post.html               a rendition for reading, not the original page
    data/custody-manifest.json   who captured what, when and how, and every file bound to its record
""",
}
