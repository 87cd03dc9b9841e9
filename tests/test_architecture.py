"""The house keeps its plan: imports go one way, only the command line speaks, and every file says what it is for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent
FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "archiver").rglob("*.py"))
SPEAKING = ("archiver/cli/", "archiver/demo/__main__.py", "archiver/__main__.py")
LONGEST = 300
LONGER = {
    "archiver/custody/manifest.py": "a schema, which is read from top to bottom",
    "archiver/model.py": "records with what each field means, and nothing else",
}


def parsed(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_bytes(), name)


def test_the_import_contracts_of_pyproject_hold(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_the_files_are_found():
    assert {"archiver/model.py", "archiver/cli/root.py", "archiver/recorder/sink.py"} <= set(FILES)


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith(SPEAKING)])
def test_only_the_command_line_prints_or_exits(name):
    for node in ast.walk(parsed(name)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "input", "exit", "quit", "breakpoint"), f"{name}:{node.lineno}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used = (node.value.id, node.attr)
            assert used not in (("sys", "exit"), ("sys", "stdout"), ("sys", "stderr"), ("os", "_exit")), (
                f"{name}:{node.lineno}"
            )
        if isinstance(node, ast.Name):
            assert node.id != "SystemExit", f"{name}:{node.lineno}"


@pytest.mark.parametrize("name", FILES)
def test_every_file_says_first_what_it_is_for_and_stays_short(name):
    source = (ROOT / name).read_text("utf-8")
    assert len(source.splitlines()) <= LONGEST or name in LONGER
    if not source:
        return
    first = (ast.get_docstring(parsed(name)) or "").partition("\n\n")[0]
    assert len(first) > 20
    assert first.endswith(".")


@pytest.mark.parametrize("name", LONGER)
def test_an_exception_from_the_length_is_still_needed(name):
    assert len((ROOT / name).read_text("utf-8").splitlines()) > LONGEST
