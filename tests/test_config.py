"""Settings: their order, their errors, and an example file that says of every one what the code says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import platformdirs
import pytest

from archiver.config import Settings, default_file, load
from archiver.errors import ConfigError

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    """Keep the settings of the machine out of these tests."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "platform"))


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a configuration file."""

    def write(text: str | bytes, name: str = "own.toml") -> Path:
        path: Path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_the_example_has_every_setting_with_its_default_and_no_other():
    assert msgspec.convert(tomllib.loads(EXAMPLE.read_text("utf-8")), Settings) == Settings()
    shown = {section: set(keys) for section, keys in tomllib.loads(EXAMPLE.read_text("utf-8")).items()}
    assert shown == {section: set(keys) for section, keys in msgspec.to_builtins(Settings()).items()}


def test_the_example_is_a_configuration_that_changes_nothing():
    assert load(EXAMPLE, {}) == Settings()


def test_the_example_says_a_line_of_why_above_every_setting():
    lines = EXAMPLE.read_text("utf-8").splitlines()
    settings = [number for number, line in enumerate(lines) if re.match(r"\w+ = ", line)]
    assert len(settings) == sum(len(section) for section in msgspec.to_builtins(Settings()).values())
    for number in settings:
        assert re.match(r"# \S.{20,}\.$", lines[number - 1]), lines[number]


def test_without_anything_there_are_the_defaults():
    assert load(environment={}) == Settings()


def test_a_flag_wins_over_the_environment_and_that_over_the_file(file):
    path = file("[capture]\njobs = 2\n[network]\nretries = 2\nproxy = 'http://file:1'\n[custody]\noperator = 'File'")
    environment = {"ARCHIVER_CAPTURE_JOBS": "3", "ARCHIVER_NETWORK_RETRIES": "3"}
    settings = load(path, environment, {"capture": {"jobs": 4}, "custody": {"operator": None}})
    assert settings.capture.jobs == 4
    assert settings.network.retries == 3
    assert settings.network.proxy == "http://file:1"
    assert settings.custody.operator == "File"


def test_every_setting_can_be_given_by_the_environment():
    values = {
        f"ARCHIVER_{section}_{key}".upper(): ", ".join(default) if isinstance(default, tuple) else str(default)
        for section, keys in msgspec.to_builtins(Settings()).items()
        for key, default in keys.items()
    }
    assert load(environment=values) == Settings()
    assert load(environment={"ARCHIVER_NETWORK_READ_TIMEOUT": "2.5"}).network.read_timeout == 2.5


def test_the_case_has_a_short_variable_that_wins_over_the_long_one():
    assert load(environment={"ARCHIVER_CASE": "here", "ARCHIVER_CASE_PATH": "there"}).case.path == "here"
    assert load(environment={"ARCHIVER_CASE": ""}).case.path == "evidence"


def test_other_variables_are_not_looked_at():
    assert load(environment={"PATH": "x", "MY_ARCHIVER_CASE": "y", "archiver_capture_jobs": "9"}) == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[capture]\njob = 1", "unknown key capture.job"),
        ("[captures]\njobs = 1", "unknown key captures"),
        ("jobs = 1", "unknown key jobs"),
        ("capture = 1", "capture: expected"),
        ("[capture]\njobs = '4'", "capture.jobs: expected int"),
        ("[capture]\njobs = 4.5", "capture.jobs: expected int"),
        ("[capture]\njobs = true", "capture.jobs: expected int"),
        ("[capture]\njobs = 0", "capture.jobs: expected int >= 1"),
        ("[capture]\njobs = 65", "capture.jobs: expected int <= 64"),
        ("[network]\nretries = -1", "network.retries: expected int >= 0"),
        ("[network]\nretries = 10000", "network.retries: expected int <= 20"),
        ("[network]\nread_timeout = 0", "network.read_timeout: expected float > 0"),
        ("[network]\nread_timeout = inf", "network.read_timeout: expected float <="),
        ("[network]\nread_timeout = nan", "network.read_timeout: expected float"),
        ("[network]\nmax_seconds = '1'", "network.max_seconds: expected float"),
        ("[network]\nretry_delay = -0.5", "network.retry_delay: expected float >= 0"),
        ("[network]\nmax_media_bytes = 0", "network.max_media_bytes: expected int >= 1"),
        ("[network]\nuser_agent = 'Ümlaut'", "network.user_agent: not in the form"),
        ('[network]\nuser_agent = "a\\r\\nCookie: b"', "network.user_agent: not in the form"),
        ("[custody]\noperator = ['a']", "custody.operator: expected str"),
    ],
)
def test_an_unknown_key_or_a_wrong_value_is_named(file, text, message):
    with pytest.raises(ConfigError) as refused:
        load(file(text), {})
    assert message in str(refused.value)
    assert "own.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("ARCHIVER_NETWORK_RETRIES", "many", "network.retries: expected int"),
        ("ARCHIVER_NETWORK_READ_TIMEOUT", "inf", "network.read_timeout"),
        ("ARCHIVER_NETWORK_USER_AGENT", "a\nb", "network.user_agent"),
        ("ARCHIVER_NETWORK", "x", "ARCHIVER_NETWORK names no setting"),
        ("ARCHIVER_NETWORK_PROXIES", "x", "ARCHIVER_NETWORK_PROXIES names no setting"),
        ("ARCHIVER_", "x", "ARCHIVER_ names no setting"),
    ],
)
def test_a_variable_that_says_nothing_sensible_is_named(variable, value, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        load(environment={variable: value})


def test_whole_numbers_of_seconds_are_numbers(file):
    assert load(file("[network]\nread_timeout = 5"), {}).network.read_timeout == 5.0


@pytest.mark.parametrize(
    "text",
    ["[capture", "jobs", "[a]\n[a]", b"\xff\xfe", "a = 1\na = 2", "a" * 10 + " = " + "[" * 20_000],
    ids=lambda text: repr(text[:10]),
)
def test_what_is_no_toml_is_an_error_that_names_the_file(file, text):
    with pytest.raises(ConfigError, match=r"own\.toml is not TOML"):
        load(file(text), {})


def test_a_value_that_is_refused_is_not_repeated(file):
    with pytest.raises(ConfigError) as refused:
        load(file("[network]\nproxy = ['http://u:canary@h']"), {})
    assert "canary" not in str(refused.value)


def test_a_named_file_that_is_missing_or_no_file_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"absent\.toml does not exist"):
        load(tmp_path / "absent.toml", {})
    with pytest.raises(ConfigError, match=r"absent\.toml does not exist"):
        load(environment={"ARCHIVER_CONFIG": str(tmp_path / "absent.toml")})
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, {})


def test_the_file_is_the_one_named_else_that_of_the_variable_else_the_platforms(file, tmp_path):
    assert tmp_path in default_file().parents
    default_file().parent.mkdir(parents=True)
    default_file().write_bytes(b"[capture]\njobs = 1")
    variable = file("[capture]\njobs = 2", "variable.toml")
    named = file("[capture]\njobs = 3", "named.toml")
    assert load(environment={}).capture.jobs == 1
    assert load(environment={"ARCHIVER_CONFIG": ""}).capture.jobs == 1
    assert load(environment={"ARCHIVER_CONFIG": str(variable)}).capture.jobs == 2
    assert load(named, {"ARCHIVER_CONFIG": str(variable)}).capture.jobs == 3


def test_the_platforms_folder_is_the_one_that_platformdirs_knows():
    assert default_file() == platformdirs.user_config_path("archiver", appauthor=False) / "config.toml"


def test_the_environment_of_the_process_is_read_where_none_is_given(monkeypatch):
    monkeypatch.setenv("ARCHIVER_CAPTURE_JOBS", "7")
    assert load().capture.jobs == 7


def test_what_is_not_in_its_form_is_named_without_the_pattern():
    with pytest.raises(ConfigError) as refused:
        load(flags={"timestamp": {"every": "now and then"}})
    assert "timestamp.every" in str(refused.value)
    assert "\\" not in str(refused.value)
