"""A config is read like any other: merge keys, JSON, the command line, another workflow's mapping, or from nothing."""

from itertools import pairwise
from pathlib import Path

import pytest

from pgpipe.config.files import ConfigError, read_config
from pgpipe.config.reading import read_file
from pgpipe.lecture.config import Config

BASE = Path(__file__).parents[2] / "config.yaml"

CARTPOLE = "{id: CartPole-v1, gamma: 0.9, policy: {kind: categorical_mlp, hidden: [8]}}"
MINE = f"base: none\nenvironments: {{mine: {CARTPOLE}}}\n"
RECIPE = "recipes: {mine: {environment: mine, estimator: mean_baseline, learning_rate: 0.1}}\n"


@pytest.fixture
def read(tmp_path):
    """Read the lecture's config with the bytes of a file, and arguments, laid over it."""

    def config(content="", *arguments, name="mine.yaml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_config(Config, BASE, [path], arguments)

    return config


@pytest.fixture
def refusal(read, tmp_path):
    """The words with which a file is refused, without its folder."""

    def words(*given, **options):
        with pytest.raises(ConfigError) as error:
            read(*given, **options)
        return str(error.value).replace(f"{tmp_path}/", "")

    return words


def test_of_a_merged_key_the_own_one_wins(read):
    """Also where a mapping is merged that has itself merged another one, earlier or later in the file."""
    config = read(
        "environments:\n"
        "  mine: &mine {id: CartPole-v1, gamma: 0.9, policy: {kind: categorical_mlp, hidden: [8]}}\n"
        "  longer: &longer\n    <<: *mine\n    gamma: 0.99\n"
        "  longest:\n    gamma: 1.0\n    <<: [*longer, {max_episode_steps: 9, gamma: 0.5}]\n"
    )
    gammas = {name: config.environments[name].gamma for name in ("mine", "longer", "longest")}
    assert gammas == {"mine": 0.9, "longer": 0.99, "longest": 1.0}
    assert config.environments["longest"].max_episode_steps == 9
    assert config.environments["longest"].id == "CartPole-v1"


def test_a_repeated_key_is_refused_beside_a_merged_one(refusal):
    text = "environments:\n  a: &a {gamma: 1}\n  b:\n    <<: *a\n    gamma: 0.5\n    gamma: 0.6\n"
    assert refusal(text) == "mine.yaml: mapping at line 4 repeats gamma"


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n", "null\n", b"\xef\xbb\xbf", "{}"])
def test_an_empty_file_is_no_change(read, content):
    assert read(content) == read_config(Config, BASE)


def test_json_may_have_tabs(read):
    text = '{\n\t"seeds": 3,\n\t"gradient_study": {"replicates": 20}\n}'
    for name in ("mine.json", "mine.yaml"):
        config = read(text, name=name)
        assert config.seeds == 3
        assert config.gradient_study
        assert config.gradient_study.replicates == 20


@pytest.mark.parametrize("name", ["no", "on", "true", "null"])
def test_a_name_that_reads_like_a_truth_value_is_a_name(read, name):
    assert name in read(f"environments: {{{name}: {CARTPOLE}}}").environments


UNREADABLE = {
    "Latin-1": (
        b"seeds: 3\n# f\xfcr mich\n",
        "mine.yaml: line 2: found the byte 0xfc; allowed: text in UTF-8, as which most editors can save it",
    ),
    "UTF-16": (
        "seeds: 3".encode("utf-16"),
        "mine.yaml: line 1: found the byte 0xff; allowed: text in UTF-8, as which most editors can save it",
    ),
    "tab in YAML": (
        "gradient_study:\n\treplicates: 20",
        "mine.yaml: line 2, column 1: is not YAML: found character '\\t' that cannot start any token",
    ),
    "itself": ("recipes: &a {b: *a}", "mine.yaml: recipes.b: found a value that contains itself"),
    "control character": (
        "seeds: \x07",
        'mine.yaml: is not YAML: unacceptable character #x0007: special characters are not allowed in "<unicode string>", '
        "position 7",
    ),
    "number as a name": (
        "recipes: {1: null}",
        "mine.yaml: recipes: found the key 1; allowed: text, such as '1'",
    ),
    "tag": (
        "seeds: !!set {1}",
        "mine.yaml: seeds: found set; allowed: mappings, lists, text, numbers, true, false, null",
    ),
    "depth": ("[" * 5000, "mine.yaml: is nested too deeply"),
    "a billion laughs": (
        "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        + "".join(
            f"{above}: &{above} [{', '.join([f'*{below}'] * 9)}]\n" for below, above in pairwise("abcdefghij")
        ),
        "mine.yaml: holds more than 100,000 values",
    ),
    "bytes": ("# " + "x" * 10_000_000, "mine.yaml: holds more than 10,000,000 bytes"),
    "depth of a mapping": ("a: " * 1 + "{a: " * 60 + "1" + "}" * 60, "mine.yaml: is nested too deeply"),
    "no day": ("seed: !!timestamp a", "mine.yaml: is not YAML: found a value that is not what its tag says"),
    "no truth": ("seed: !!bool a", "mine.yaml: is not YAML: found a value that is not what its tag says"),
    "digits": (
        "seed: 1" + "0" * 400,
        "mine.yaml: seed: found a whole number of 401 digits; allowed: up to 38",
    ),
    "half a letter": (
        '{"recipes": {"\\ud800": 1}}',
        "mine.yaml: recipes: found half a letter, '\\ud800'; allowed: text",
    ),
    "object": (
        "seed: !!python/object/apply:os.system [touch owned]",
        "mine.yaml: line 1, column 7: is not YAML: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/object/apply:os.system'",
    ),
    "name in no quotes": (
        RECIPE.replace("environment: mine", "environment: no"),
        "1 mistake(s) in the config\n  mine.yaml: recipes.mine.environment: found false; names like no, on and true need quotes",
    ),
}


def test_merges_of_merges_do_not_multiply(tmp_path):
    """A billion keys, were each taken as often as it is merged."""
    rows = [
        f"{above}: &{above} {{<<: [{', '.join([f'*{below}'] * 9)}]}}"
        for below, above in pairwise("abcdefghij")
    ]
    (tmp_path / "mine.yaml").write_text("\n".join(["a: &a {x: 1}", *rows]))
    assert read_file(tmp_path / "mine.yaml") == {key: {"x": 1} for key in "abcdefghij"}


@pytest.mark.parametrize(("content", "words"), list(UNREADABLE.values()), ids=list(UNREADABLE))
def test_what_cannot_be_read_is_one_line(refusal, content, words):
    assert refusal(content) == words


def test_a_number_that_python_does_not_read_is_one_line(refusal):
    found = refusal('{"seed": ' + "9" * 5000 + "}", name="mine.json")
    assert found.startswith("mine.json: is not JSON: Exceeds the limit")


NAMES = {
    "of another folder": "../a", "of the root": "/a", "of two letters for one": "a\u0308", "with a zero": "a\0b", "long": "a" * 65,
    "in two lines": "a\nb", "hidden": ".a", "with a blank": "a b", "of a shell": "$(a)", "of a wildcard": "{a}", "in capitals": "A",
}  # fmt: skip


@pytest.mark.parametrize("family", ["environments", "estimators", "recipes"])
@pytest.mark.parametrize("name", list(NAMES.values()), ids=list(NAMES))
def test_a_name_is_part_of_a_file_s_name_so_it_has_few_letters(family, name):
    """No name leads out of the folder, or to a file that cannot be."""
    with pytest.raises(ConfigError) as error:
        read_config(Config, BASE, [{family: {name: {}}}])
    assert any(words in str(error.value) for words in ("should match pattern", "at most 64 characters"))


def test_every_text_of_a_config_is_one_of_few_or_no_path():
    """Whoever adds a key with free text says here why it becomes no file's name."""
    free = {
        "Environment.id", "Torch.module",  # modules, by Python's own path
        "Estimator.signal", "Estimator.baseline", "Estimator.importance", "Estimator.aggregate",  # names of files that there are
        "ClippingStudy.line",  # the name of an environment
        "sections",
        "plugins", "Dataset.path", "Dataset.log_probs",  # files and their keys, which are read and never written
    }  # fmt: skip
    found = set(texts_in(Config.model_json_schema()))
    declared = {"environment", "environments", "estimator", "estimators", "recipe", "recipes", "snapshots"}
    assert {path for path in found if path.rpartition(".")[2] not in declared} == free


def texts_in(schema, path=""):
    """The keys, `Class.key`, whose values are free text."""
    for name, kind in schema.get("$defs", {}).items():
        yield from texts_in(kind, f"{name}.")
    for key, value in schema.get("properties", {}).items():
        kinds = [value, value.get("items", {}), *value.get("anyOf", [])]
        kinds += [kind.get("items", {}) for kind in value.get("anyOf", [])]
        if any(
            kind.get("type") == "string" and not kind.keys() & {"enum", "const", "pattern"} for kind in kinds
        ):
            yield f"{path}{key}"


def test_json_that_is_none_is_one_line(refusal):
    assert refusal('{"seeds": }', name="mine.json").startswith("mine.json: line 1, column 11: is not JSON: ")
    assert refusal('{"seeds": 1, "seeds": 2}', name="mine.json") == "mine.json: a mapping repeats seeds"


def test_arguments_are_read_as_in_a_file(read):
    config = read("", "gradient_study={replicates: 20, batch_sizes: [8, 16]}", "three_samples=null", "seed=7")
    assert config.gradient_study
    assert config.gradient_study.replicates == 20
    assert config.gradient_study.batch_sizes == [8, 16]
    assert config.three_samples is None
    assert config.seed == 7


@pytest.mark.parametrize(
    "argument",
    [
        "recipes.mean_baseline.learning_rate=1e-3",
        "recipes={mean_baseline.learning_rate: 1e-3}",  # as the command line has it for jobs
    ],
)
def test_a_key_path_sets_one_value(read, argument):
    """The rest of a named entry stays, which a mapping would replace whole."""
    before, after = read("").recipes["mean_baseline"], read("", argument).recipes["mean_baseline"]
    assert after == before.model_copy(update={"learning_rate": 0.001})


def test_a_key_path_to_null_leaves_an_entry_out(read):
    assert "gae" not in read("", "recipes.gae=null").recipes


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("seeds", "--config: found 'seeds'; allowed: key=value, or key.key=value"),
        ("a..b=1", "--config: found 'a..b=1'; allowed: key=value, or key.key=value"),
        ("seeds=[", "--config: seeds: line 1, column 2: is not YAML: expected the node content, but found '<stream end>'"),
        ("gradient_study.replicates=few", "1 mistake(s) in the config\n  --config: gradient_study.replicates: found 'few'; "
         "Input should be a valid integer"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_one_line(refusal, argument, words):
    assert refusal("", argument) == words


def test_the_config_of_a_module_is_laid_over_like_a_file():
    assert read_config(Config, BASE, [{"seeds": 2, "resamples": 111}]).seeds == 2
    with pytest.raises(
        ConfigError, match="the config given to the module: seeeds: unknown key; did you mean 'seeds'"
    ):
        read_config(Config, BASE, [{"seeeds": 2}])
    with pytest.raises(ConfigError, match=r"the config given to the module: seeds: found \w*Path; "):
        read_config(Config, BASE, [{"seeds": BASE}])


def test_from_nothing_only_what_is_named_is_there(read):
    """No recipe and no study but those of one's own; a study that compares all estimators has the lecture's."""
    config = read(MINE + RECIPE)
    assert list(config.recipes) == ["mine"]
    assert list(config.environments) == ["mine"]
    assert list(config.estimators) == ["mean_baseline"]
    compared = read(MINE + "gradient_study: {environments: [mine]}")
    assert list(compared.estimators) == list(read("").estimators)
    assert {
        key for key, block in config if block and key in Config.model_fields and key.endswith("study")
    } == set()


def test_from_nothing_named_entries_are_the_lectures(read):
    """What they name in turn comes with them; a name of one's own stays one's own."""
    config = read(
        "base: none\nestimators: {mine: {signal: td, baseline: value}}\n"
        "gradient_study: {environments: [line, small_cartpole]}\n"
        "reuse_study: {recipe: reused, estimators: [mean_baseline, first_order], reuse: [1, 2]}\n"
    )
    assert list(config.environments) == ["line", "cartpole", "small_cartpole"]
    assert list(config.recipes) == ["reused"]
    assert list(config.estimators) == ["mean_baseline", "first_order", "mine"]


def test_from_nothing_by_any_way_in(read):
    by_file, by_argument = read(MINE + RECIPE), read(MINE.replace("base: none\n", "") + RECIPE, "base=none")
    given = {"base": "none", "three_samples": {"return_curve": {"bad": -2, "good": 1, "turn": 0, "width": 1}}}
    assert by_file == by_argument
    assert read_config(Config, BASE, [given]).environments == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("base: none", "the whole config: found no recipe and no study; allowed: at least one, such as gradient_study"),
        (MINE.replace("CartPole-v1", "Blackjack-v1") + RECIPE.replace("learning_rate", "steps: 10, learning_rate"),
         "the whole config: recipes.mine.steps: found 10; batches need at least 2 episodes, and with episodes that end "
         "at random none may be left. Allowed: episodes, 2 or more, or max_episode_steps below 10"),
        ("base: some", "base: found 'some'; Input should be 'none'"),
        (MINE + RECIPE.replace("mine, estimator", "mime, estimator"),
         "recipes.mine.environment: unknown environment 'mime'; did you mean 'mine'? Known: mine"),
        (MINE + "causality_study: {environments: [line]}",
         "the whole config: causality_study.environments: found no gradient_study, whose rollouts are read; allowed: beside one"),
        (MINE + "three_samples: {}", "three_samples.return_curve: missing; this key has no default"),
        ("sections: [variance_reductio]",
         "sections.0: unknown section 'variance_reductio'; did you mean 'variance_reduction'? Known: objective, "
         "direct_differentiation, what_the_gradient_does, variance, variance_reduction, off_policy, implementation, practice, "
         "line, natural_gradient, after_the_lecture"),
    ],
)  # fmt: skip
def test_a_mistake_names_the_own_file(refusal, text, words):
    assert refusal(text) == f"1 mistake(s) in the config\n  mine.yaml: {words}"


def test_a_value_of_two_kinds_has_its_own_key_path(refusal):
    """Not that of pydantic, which names the kinds that it tried."""
    assert "mine.yaml: learning_rate_sweep.seeds.practice_grit: unknown recipe" in refusal(
        "learning_rate_sweep: {seeds: {practice_grit: 4}}"
    )
    assert "dict[" not in refusal("learning_rate_sweep: {seeds: {practice_grid: none}}")


def test_a_key_that_is_not_used_changes_no_job(read):
    """What the report and the verdicts of other seeds are compared by stays as it was."""
    said = read("").model_dump(mode="json")
    assert not {"base", "sections"} & set(said)
    assert {"base", "sections"} <= set(read(MINE + RECIPE + "sections: [variance]").model_dump(mode="json"))
