"""Whatever a config says, it validates or is refused by file and key path: thousands of them, none with a traceback.

EXAMPLES=10000 pytest tests/lecture/test_generated_configs.py
"""

import copy
import datetime
import json
import os
from contextlib import suppress
from pathlib import Path
from time import process_time

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgpipe.config.files import ConfigError, read_config
from pgpipe.config.reading import read_arguments, read_file
from pgpipe.lecture.config import Config
from pgpipe.lecture.gradients.specs import (
    compare_gradients,
    count_operations,
    list_estimators,
    studied_environments,
    train_snapshots,
)
from pgpipe.lecture.report.specs import write_report

EXAMPLES = int(os.environ.get("EXAMPLES", "600"))
SECONDS = 10  # of CPU that a config may take
QUICKLY = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip

# Files that are written and read as YAML take ten times as long.
FEWER = settings(QUICKLY, max_examples=EXAMPLES // 10)

ROOT = Path(__file__).parents[2]
# Every study, small: what each says, as plain values.
WHOLE = read_config(Config, ROOT / "config.yaml", [ROOT / "tests/workflow/small.yaml"]).model_dump(
    mode="json", exclude_unset=True
)
WORDS = sorted(
    {
        *Config.model_fields,
        *WHOLE["environments"],
        *WHOLE["estimators"],
        *WHOLE["recipes"],
        "mean",
        "td",
        "none",
        "no",
        "id",
    }
)

letters = st.characters(codec=None)  # halves of letters, too
# What a program may trip over.
NASTY = (
    10**400, -(10**40), 2**63, 2**128, 10**9 + 1, -1, 0, 1e308, -1e-320, float("nan"), float("inf"), -0.0, True, "1", "nan", "1e3",
    "", " ", ".", "..", "../a", "/etc/passwd", "a\0b", "a\nb", "\ud800", "\u202e", "ﬁ", "a" * 70, "a" * 20_000, "{a}", "{0.x}", "%s",
    "$(a)", "</script>", "null", "~", "no", "2001-01-01", "a:b", ":", "os:system", "pgpipe/../x-v0", "CartPole-v1", "[", "*a", "!!python/none",
    datetime.date(2001, 1, 1), b"a", {1}, (1, 2), 1j, object, Path("a"),
)  # fmt: skip
KEYS = (
    1,
    1.5,
    None,
    True,
    datetime.date(2001, 1, 1),
    (1,),
    "",
    ".",
    "a.b",
    "no",
    "\ud800",
    "a" * 300,
    "__class__",
    "<<",
)


def nested(value, depth):
    for _ in range(depth):
        value = [value] if depth % 2 else {"a": value}
    return value


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 300),
    st.integers(),
    st.floats(),
    st.sampled_from(WORDS),
    st.text(letters, max_size=4),
    st.sampled_from(NASTY),
    st.builds(nested, st.sampled_from(WORDS), st.sampled_from([1, 2, 20, 49, 200])),
)
values = st.recursive(
    scalars,
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(letters, max_size=3) | st.sampled_from(KEYS), inside, max_size=3)
    ),
    max_leaves=4,
)  # fmt: skip
keys = st.sampled_from(list(Config.model_fields))


def paths(config, path=()):
    """All key paths of a config."""
    items = (
        config.items() if isinstance(config, dict) else enumerate(config) if isinstance(config, list) else ()
    )
    for key, value in items:
        yield (*path, key)
        yield from paths(value, (*path, key))


PATHS = list(paths(WHOLE))


@st.composite
def changed(draw):
    """The lecture with a few values of other kinds, without some keys, with keys of other names."""
    config = copy.deepcopy(WHOLE)
    for path in draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=3)):
        place = config
        for key in path[:-1]:
            place = place[key] if isinstance(place, dict) and key in place else None
        if isinstance(place, dict) and path[-1] in place:
            how = draw(st.sampled_from(["value", "value", "gone", "renamed"]))
            before = place.pop(path[-1])
            if how == "value":
                place[path[-1]] = draw(values)
            elif how == "renamed":
                place[draw(st.sampled_from(WORDS))] = before
    return config


overrides = st.one_of(
    changed(),
    st.dictionaries(keys | st.text(letters, max_size=5) | st.sampled_from(KEYS), values, max_size=4),
    st.dictionaries(keys, values, max_size=4).map(lambda config: config | {"base": "none"}),
    st.lists(st.sampled_from([*Config.model_fields]), min_size=1, max_size=6).map(
        lambda chosen: {"base": "none"} | {key: WHOLE[key] for key in chosen if key in WHOLE and key not in ("base",)}
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A lecture with every study, small and quickly read."""
    path = tmp_path_factory.mktemp("base") / "config.json"
    path.write_text(json.dumps(WHOLE))
    read_config(Config, path)
    return path


def refused(read, *arguments):
    """The lines of the refusal, none where there is none; any other exception is a mistake."""
    try:
        read(*arguments)
    except ConfigError as refusal:
        return str(refusal).splitlines()
    return []


def planned(base, overrides, arguments=()):
    """Read a config, and make of it what the graph is made of."""
    config = read_config(Config, base, overrides, arguments)
    for environment in studied_environments(config):
        assert train_snapshots(config, environment)
        assert compare_gradients(config, environment)
    if config.gradient_study:
        assert count_operations(config)
    assert list_estimators(config)
    json.dumps(write_report(config).spec).encode()


def told(lines, origins):
    """Whether a refusal is one: a line, or a count and as many lines, each with where, none too long to read."""
    several = len(lines) > 1
    if several:
        assert lines.pop(0) == f"{len(lines)} mistake(s) in the config"
    begins = tuple(f"{'  ' if several else ''}{origin}: " for origin in origins)
    assert all(line.startswith(begins) and len(line) < 6_000 for line in lines)


@QUICKLY
@given(override=overrides)
def test_a_config_validates_or_is_refused_by_key_path(base, override):
    started = process_time()
    told(refused(planned, base, [override]), [base, "the config given to the module"])
    assert process_time() - started < SECONDS


@FEWER
@given(files=st.lists(st.tuples(overrides, st.sampled_from(["yaml", "json"])), max_size=3),
       settings=st.lists(st.tuples(st.sampled_from([".".join(map(str, path)) for path in PATHS]) | st.text(letters, max_size=5), values), max_size=2))  # fmt: skip
def test_every_way_in_is_refused_by_its_name(base, tmp_path, files, settings):
    """Several files over each other, and what the command line sets."""
    written = []
    for place, (content, ending) in enumerate(files):
        with suppress(TypeError, ValueError, RecursionError, yaml.YAMLError):  # no such file can be written
            text = json.dumps(content) if ending == "json" else yaml.safe_dump(content)
            (tmp_path / f"{place}.{ending}").write_bytes(text.encode("utf-8", "surrogatepass"))
            written.append(tmp_path / f"{place}.{ending}")
    arguments = [f"{key}={value}" for key, value in settings]
    started = process_time()
    told(refused(planned, base, written, arguments), [base, *written, "--config"])
    assert process_time() - started < SECONDS


# What YAML can say that JSON cannot; a text is some of these in a row.
PIECES = (
    "a: &a ", "*a", "<<: *a", "<<: [*a, *a]", "- ", "? ", ": ", "!!binary ", "!!set ", "!!python/object:os.system ", "!!timestamp ", "!!bool ", "!!int ", "!!float ", "!!null ", "!!omap ",
    "|\n", ">-\n", "%YAML 1.2\n", "--- ", "...\n", "\n", "\n  ", "\t", "seeds: ", "recipes: ", "environments: ", "{", "}", "[", "]", ",", "0o7",
    "0x_", "1_0", "1:30", ".inf", "~", "'", '"', "\\", "\u2028", "\ufeff", "=", "&b [*a, *a, *a]", "1e400", "9" * 5000,
)  # fmt: skip


@FEWER
@given(pieces=st.lists(st.sampled_from(PIECES) | st.text(letters, max_size=3), max_size=12))
def test_a_text_of_yaml_is_a_config_or_refused(base, tmp_path, pieces):
    path = tmp_path / "mine.yaml"
    path.write_bytes("".join(pieces).encode("utf-8", "surrogatepass"))
    told(refused(planned, base, [path]), [base, path])


def dumped(value):
    try:
        return yaml.safe_dump(value).encode("utf-8", "surrogatepass")
    except (yaml.YAMLError, RecursionError):
        return b""


@QUICKLY
@given(content=st.one_of(st.binary(max_size=20), st.text(max_size=20).map(str.encode), values.map(dumped)),
       ending=st.sampled_from(["yaml", "json"]))  # fmt: skip
def test_a_file_is_a_mapping_or_refused_in_one_line(tmp_path, content, ending):
    path = tmp_path / f"mine.{ending}"
    path.write_bytes(content)
    lines = refused(read_file, path)
    assert len(lines) <= 1
    assert all(line.startswith(f"{path}: ") for line in lines)


@QUICKLY
@given(
    argument=st.text(max_size=12)
    | st.builds(lambda key, value: f"{key}={value}", keys | st.text(max_size=5), values)
)
def test_an_argument_is_a_setting_or_refused_in_one_line(argument):
    lines = refused(read_arguments, [argument])
    assert len(lines) <= 1
    assert all(line.startswith("--config: ") for line in lines)
