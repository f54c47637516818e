"""Whatever a config says, it validates or is refused by file and key path: thousands of them, none with a traceback.

EXAMPLES=10000 pytest tests/lecture/test_generated_configs.py
"""

import copy
import json
import os
from pathlib import Path

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
QUICKLY = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip

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

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 300),
    st.integers(),
    st.floats(),
    st.sampled_from(WORDS),
    st.text(max_size=4),
)
values = st.recursive(
    scalars,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inside, max_size=3),
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
    st.dictionaries(keys | st.text(max_size=5), values, max_size=4),
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


def planned(base, override):
    """Read a config, and make of it what the graph is made of."""
    config = read_config(Config, base, [override])
    for environment in studied_environments(config):
        assert train_snapshots(config, environment)
        assert compare_gradients(config, environment)
    if config.gradient_study:
        assert count_operations(config)
    assert list_estimators(config)
    json.dumps(write_report(config).spec)


@QUICKLY
@given(override=overrides)
def test_a_config_validates_or_is_refused_by_key_path(base, override):
    origins = (f"  {base}: ", "  the config given to the module: ")
    if lines := refused(planned, base, override):
        if len(lines) > 1:
            assert lines.pop(0) == f"{len(lines)} mistake(s) in the config"
            assert all(line.startswith(origins) for line in lines)
        else:
            assert lines[0].startswith(origins[1].strip())


@QUICKLY
@given(content=st.one_of(st.binary(max_size=20), st.text(max_size=20).map(str.encode), values.map(yaml.safe_dump).map(str.encode)),
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
