"""The command `demo`: captures a sample article from an internet in a box, and shows that damage to it is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from archiver.cli.context import Context, pass_context, shared_options
from archiver.config import NetworkSettings, Settings, SigningSettings, TimestampSettings
from archiver.errors import ArchiverError

KEYS = "keys"
ROOTS = "tsa-roots.pem"
"""What a user has in the platform's data folder and in the settings, the demo has in its own folder."""


@click.command("demo", epilog="Exit status: 0 everything went as it should · 1 something did not")
@click.argument("folder", metavar="[DIR]", default="archiver-demo", type=click.Path(path_type=Path))
@shared_options
@pass_context
def command(context: Context, folder: Path) -> int:
    """See the main job end to end, offline, on sample data: capture, verify, and find one flipped byte.

    Works in DIR (default: ./archiver-demo), which must not exist or be empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArchiverError(f"{folder} is there already and not empty", advice="name another folder, or remove it")
    folder.mkdir(parents=True, exist_ok=True)
    context.say("This is sample data: invented posts, served by a small internet inside this program.")
    context.say("Nothing leaves this machine.\n")
    evidence = folder / "evidence"
    captured = _capture(context, folder, evidence)
    context.say("\n$ archiver verify")
    sound = _verify(context, evidence, folder)
    damaged = _damage(evidence, folder / "damaged")
    context.say(f"\nOne bit of a copy is flipped now: {damaged.relative_to(folder)}")
    context.say("$ archiver verify")
    found = _verify(context, folder / "damaged", folder)
    if not captured or sound != "intact" or found != "altered":
        context.warn("archiver: the demo did not go as it should")
        return 1
    context.say("\nLook next at:")
    first = sorted(evidence.glob("captures/*/*"))[0]
    context.say(f"  {first / 'data' / 'post.html'}    the post, for reading")
    context.say(f"  {first / 'data' / 'custody-manifest.json'}    the account")
    context.say(f"  {first / 'VERIFY.txt'}    how to check it without this program")
    context.say(f"  archiver -C {evidence} list")
    context.say(f"  archiver -C {evidence} show last")
    context.say(f"  archiver -C {evidence} log")
    context.say("The sample has a key and time-stamp authorities of its own, which 'verify' has to be told of:")
    trusted = f"--allowed-signers {folder / KEYS / 'installation.pub'} --tsa-roots {folder / ROOTS}"
    context.say(f"  archiver -C {evidence} verify {trusted}")
    return 0


def _capture(context: Context, folder: Path, evidence: Path) -> bool:
    from archiver import batch
    from archiver.case.store import open_or_make
    from archiver.cli.results import show_result
    from archiver.demo.box import Box
    from archiver.demo.sample import article_text
    from archiver.demo.timestamps import HOSTS
    from archiver.intake.lists import read_input
    from archiver.model import Place

    article, roots = folder / "article.txt", folder / ROOTS
    article.write_text(article_text(), encoding="utf-8")
    mentions = read_input(article.read_bytes(), Place(kind="file", name=article.name)).mentions
    context.say("$ archiver capture article.txt")
    outcomes = []
    with Box(keep_bytes=False) as box:
        # The box is reached as any internet behind a proxy is: by settings that every user has.
        settings = Settings(
            network=NetworkSettings(proxy=box.proxy_url, ca_file=str(box.ca_file)),
            signing=SigningSettings(folder=str(folder / KEYS)),
            timestamp=TimestampSettings(authorities=tuple(f"http://{host}/" for host in HOSTS), roots=str(roots)),
        )
        case, _ = open_or_make(evidence, "Sample data")
        roots.write_bytes(box.tsa_roots_file.read_bytes())
        with batch.open_run(case, settings, tell=context.warn) as shared:
            for result in batch.run(mentions, shared):
                outcomes.append(result.outcome)
                show_result(context, result)
    return bool(outcomes) and all(outcome == "captured" for outcome in outcomes)


def _verify(context: Context, case: Path, folder: Path) -> str:
    from archiver import verify
    from archiver.cli.trusting import trust_of
    from archiver.cli.verify import report

    # Whom the demo trusts is in its own folder; a user's own keys and the pinned roots are elsewhere.
    trusted = Settings(signing=SigningSettings(folder=str(folder / KEYS)))
    trust = trust_of(trusted, case, tsa_roots=str(folder / ROOTS))
    return report(context, verify.verify(case, trust), verify.Tally("timestamped"))


def _damage(evidence: Path, copy: Path) -> Path:
    """Copy the case and flip one bit in the middle of a photo in the copy."""
    shutil.copytree(evidence, copy, ignore=shutil.ignore_patterns(".work"))
    target = sorted(copy.glob("captures/*/*/data/media/01.jpg"))[0]
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.chmod(0o644)
    target.write_bytes(data)
    return target
