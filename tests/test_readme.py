"""Every command and option in the README works, and the README names every one there is."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from archiver.case.instructions import VERIFY_TEXTS
from archiver.case.layout import FORMAT
from archiver.cli.root import COMMANDS, EXIT_STATUS, group
from archiver.demo import posts
from archiver.demo.box import Box
from archiver.demo.sample import article_html, article_text
from archiver.demo.timestamps import HOSTS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def examples() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def options() -> Iterator[tuple[str, click.Option]]:
    context = click.Context(group)
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        commands = list(command.commands.values()) if isinstance(command, click.Group) else [command]
        for parameter in (parameter for one in commands for parameter in one.params):
            if isinstance(parameter, click.Option):
                yield name, parameter


def test_the_examples_work_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "article.txt").write_text(article_text(), encoding="utf-8")
    (tmp_path / "article.html").write_text(article_html(), encoding="utf-8")
    (tmp_path / "links.txt").write_text(f"# my list\n{posts.TEXT.url}\n", encoding="utf-8")
    (tmp_path / "table.csv").write_text(f"number,link\n1,{posts.TEXT.url}\n", encoding="utf-8")
    found = examples()
    assert len(found) > 10
    with Box() as box:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVER_")}
        own = {
            "XDG_CONFIG_HOME": str(tmp_path / "none"),
            "ARCHIVER_SIGNING_FOLDER": str(tmp_path / "keys"),
            "ARCHIVER_TIMESTAMP_AUTHORITIES": ", ".join(f"http://{host}/" for host in HOSTS),
            "ARCHIVER_TIMESTAMP_ROOTS": str(box.tsa_roots_file),
        }
        environment = kept | box.environment() | own
        for line in found:
            words = shlex.split(line)
            assert words[0] == "archiver", line
            stdin = b""
            if "<" in words:
                stdin = (tmp_path / words[-1]).read_bytes()
                words = words[: words.index("<")]
            command = [sys.executable, "-m", "archiver", *words[1:]]
            ended = subprocess.run(
                command, cwd=tmp_path, env=environment, input=stdin, capture_output=True, timeout=60, check=False
            )
            assert ended.returncode == 0, (line, ended.stderr.decode())
    assert (tmp_path / "evidence/case.json").exists()
    assert (tmp_path / "other/case.json").exists()


def test_every_command_and_option_is_in_the_readme() -> None:
    for name in COMMANDS:
        assert f"| `{name}" in README
    for name, option in options():
        for spelling in option.opts:
            assert f"`{spelling}" in README or f" {spelling} " in README, f"{name} {spelling}"


@pytest.mark.parametrize("spelling", sorted(set(re.findall(r"`(--?[a-z][a-z-]*)", README, re.IGNORECASE))))
def test_every_option_in_the_readme_exists(spelling: str) -> None:
    known = {opt for _, option in options() for opt in option.opts} | {"-h", "--help", "-V", "--version"}
    assert spelling in known


def test_the_exit_codes_are_those_of_the_help() -> None:
    in_readme = dict(re.findall(r"^\| (\d+) \| (.*?) \|$", README, re.MULTILINE))
    in_help = dict(re.findall(r"^  (\d+) +(.*)$", EXIT_STATUS, re.MULTILINE))
    assert {code: text.replace(",", ";") for code, text in in_readme.items()} == {
        code: text.replace(",", ";") for code, text in in_help.items()
    }


def test_the_readme_repeats_verify_txt() -> None:
    assert f"```text\n{VERIFY_TEXTS[FORMAT].decode()}```" in README


def test_the_set_up_commands_are_one_line_each() -> None:
    lines = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert len(lines) == 2
    assert lines[0].endswith("archiver demo")
    assert "pytest" in lines[1]
