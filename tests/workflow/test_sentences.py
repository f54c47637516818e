"""What the text says in numbers is what the tables of the run say, whatever these are.

Three configs: the small lecture's run, its first environment alone, and the run with the numbers of every
table mixed up among its rows, as another config's would differ from them. Numbers are found once more here, from the
files, row by row.
"""

import csv
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pgpipe.jobs.files import read_file
from pgpipe.lecture import registry
from pgpipe.lecture.report.material import sentences_of

SENTENCES = registry.sentences()
KEYS = {
    "distance",
    "start_std",
    "gamma",
    "horizon",
    "action_cost",
    "good",
}  # numbers that say what a row is about
PLACED = re.compile(r'<< (sentence|figure)\("(\w+)"\) >>')


@pytest.fixture(scope="module")
def tables(request):
    """All tables of the small run, by name, and one that it does not make."""
    folder = request.getfixturevalue("ran").file("reports/tables")
    made = {path.stem: read_file(str(path)) for path in sorted(folder.glob("*.csv"))}
    return {"listed_contributions": two_listed(), **of_datasets(), **made}


def of_datasets():
    """A dataset with probabilities on the line, and one without on the grid, with a target far off."""
    data = pd.DataFrame({"environment": ["line", "grid"], "probabilities": ["recorded", "fitted"]}).assign(
        dataset="some/walks-v1", episodes=40, fitted=-2.5, fitted_low=-3.0, fitted_high=-2.0
    )
    doubt = "effective sample size under 10 % from step 5 on"
    support = pd.DataFrame({"environment": ["line", "grid"], "warning": ["", doubt]}).assign(
        direction="gradient", distance=0.1
    )
    costs = pd.DataFrame({"probabilities": ["recorded", "fitted"], "bias": [0.1, 0.2]}).assign(
        environment="line", direction="gradient", distance=0.1, estimator="per_decision", bias_low=0.0,
        bias_high=0.3, std=1.0, std_low=0.9, std_high=1.1, replicates=10, batch_size=4,
    )  # fmt: skip
    return {"off_policy_data": data, "off_policy_support": support, "off_policy_probabilities": costs}


def two_listed():
    """A lever that pays 1 nine times in ten, and a coin won and lost again, step by step."""
    lever = [("lever", 0, 0.1, 0, 0.0, 0.81), ("lever", 1, 0.9, 0, 0.1, 0.01)]
    coin = [
        ("coin", i, 0.25, t, total, total) for i in range(4) for t, total in enumerate((0.5 * (i < 2), 0.0))
    ]
    names = ["environment", "trajectory", "probability", "step", "total_return", "return_mean"]
    table = pd.DataFrame(lever + coin, columns=names)
    past = table["trajectory"].map({0: 1.0, 1: -1.0, 2: 1.0, 3: -1.0}) * table["step"]
    return table.assign(
        reward_to_go=table["total_return"] + 0.5 * past.where(table["environment"] == "coin", 0.0)
    )


def first_environment(tables):
    """What a config of one environment would leave."""
    return {
        name: table[table["environment"] == table["environment"].iloc[0]].reset_index(drop=True)
        if "environment" in table and len(table)
        else table
        for name, table in tables.items()
    }


def mixed(tables):
    """The numbers of every column in another order; what a row is about stays in its place."""
    rng = np.random.default_rng(0)

    def shuffled(table):
        measured = [
            name for name in table.select_dtypes("float") if table[name].notna().all() and name not in KEYS
        ]
        order = rng.permutation(len(table))
        return table.assign(**{name: table[name].to_numpy()[order] for name in measured})

    return {name: shuffled(table) for name, table in tables.items()}


CONFIGS = {"as it ran": lambda tables: tables, "one environment": first_environment, "other numbers": mixed}


def saved(tables, folder):
    """Tables as the lines of their files, which know no types."""
    rows = {}
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
        with (folder / f"{name}.csv").open(encoding="utf-8") as file:
            rows[name] = list(csv.DictReader(file))
    return rows


def two(value):
    """Two digits and all that stand before the point."""
    words = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"
    return words.replace("-", "−", 1)


def share(value):
    return f"{100 * value:.0f} %" if 100 * value >= 9.5 or value == 0 else f"{100 * value:.2g} %"


def error_in_returns(rows):
    known = [r for r in rows["objective_error"] if r["rmse"] and float(r["rmse"]) > 0 and float(r["exact"])]
    few, many = (pick(int(r["n_trajectories"]) for r in known) for pick in (min, max))
    at = {(r["environment"], r["policy"], int(r["n_trajectories"])): r for r in known}
    worst = max(
        (k for k in at if k[2] == few), key=lambda k: float(at[k]["rmse"]) / abs(float(at[k]["exact"]))
    )
    first, last = at[worst], at[(*worst[:2], many)]
    return [worst[0], two(float(first["exact"])), two(float(first["rmse"])), two(float(last["rmse"]))]


def steps_uphill(rows):
    known = [r for r in rows["gradient_convergence"] if r["raised"]]
    few, many = (pick(int(r["n_trajectories"]) for r in known) for pick in (min, max))
    first, last = ([float(r["raised"]) for r in known if int(r["n_trajectories"]) == n] for n in (few, many))
    found = [share(min(first)), share(max(first)), f"{few:,}", f"{many:,}"]
    return (
        found if min(last) == 1 else [*found, share(min(last)), f"in {last.count(1.0)} of {len(last)} cases"]
    )


def exact_or_large(rows):
    kinds = {r["environment"]: r for r in rows["gradient_reference"]}
    sampled = [int(r["trajectories"]) for r in kinds.values() if r["kind"] != "exact"]
    return [name.replace("_", " ") for name in kinds] + [f"{min(sampled):,}" for _ in sampled[:1]]


def good_and_bad_risen(rows):
    found: dict[tuple[str, str, str], list[bool]] = {}
    for r in rows["step_trajectories"]:
        if r["mark"] in ("good", "bad") and r["weighting"] in ("likelihood", "return_minus_mean"):
            key = (r["environment"], r["mark"], r["weighting"])
            found.setdefault(key, []).append(float(r["change"]) > 0)
    whole = [k for k in found if all((*k[:2], w) in found for w in ("likelihood", "return_minus_mean"))]
    return [f"{sum(found[key])} of {len(found[key])}" for key in whole]


def policy_after_each_step(rows):
    ends = {r["case"]: r for r in rows["three_steps"]}
    cases = ("returns", "constant_added", "good_at_zero")
    numbers = [float(ends[case][name]) for case in cases for name in ("new_mean", "new_spread")]
    return [f"{number:.2f}".replace("-", "−") for number in numbers]


def worth_of_the_best_constant(rows):
    left = [
        float(r["least_variance"])
        / (float(r["least_variance"]) + float(r["curvature"]) * float(r["best_constant"]) ** 2)
        for r in rows["return_parabola"]
    ]
    return [share(value) for value in left if 0 <= value < 1]


def worth_in_trajectories(rows):
    biased = {r["estimator"] for r in rows["estimators"] if r["bias"] != "none"}
    largest: dict[str, int] = {}
    for r in rows["gradient_quality"]:
        largest[r["environment"]] = max(int(r["batch_size"]), largest.get(r["environment"], 0))
    known = [
        r
        for r in rows["gradient_quality"]
        if r["estimator"] not in biased
        and int(r["batch_size"]) == largest[r["environment"]]
        and r["variance_ratio_low"]
        and float(r["variance_ratio_low"]) > 0
    ]
    known = [r for r in known if r["policy"] == "half_trained"] or known
    best = min(known, key=lambda r: float(r["variance_ratio"]))
    return [best["environment"].replace("_", " "), best["estimator"].replace("_", " ")]


def which_estimator(rows):
    costs: dict[str, list[float]] = {}
    for r in rows["certificate"]:
        costs.setdefault(r["estimator"], []).append(float(r["relative_cost"]))
    return [f"{' to '.join(dict.fromkeys((two(min(c)), two(max(c)))))} |" for c in costs.values()] + [
        f"| {name.replace('_', ' ')} |" for name in costs
    ]


def infinite_though_near(rows):
    ended = [r for r in rows["off_policy_boundary"] if r["first_infinite"] and float(r["first_infinite"]) > 0]
    near = min(ended, key=lambda r: float(r["kl"]))
    return [f"{two(float(near['kl']))} nat", f"from step {float(near['first_infinite']):.0f} on"]


def what_is_saved(rows):
    size = max(int(r["parameters"]) for r in rows["gradient_costs"])
    own = [r for r in rows["gradient_costs"] if int(r["parameters"]) == size]
    n = max(int(r["samples"]) for r in own)
    ways = {r["way"]: r for r in own if int(r["samples"]) == n}
    parts = (float(ways["pseudo_loss"][k]) / float(ways["loop"][k]) for k in ("operations", "bytes_moved"))
    return [f"{size:,}", f"{n:,}", *map(share, parts)]


def updates_by_rule(rows):
    ends = [r["smooth_updates"] for r in rows["line_updates"] if r["smooth_updates"]]
    return [f"| {float(end):,.0f} " for end in ends]


def best_gains(rows):
    endless = [r for r in rows["line_optima"] if float(r["horizon"]) == np.inf]
    gamma = min(float(r["gamma"]) for r in endless)
    own = [r for r in endless if float(r["gamma"]) == gamma]
    return [f"| {float(r['k']):.3g} |".replace("-", "−") for r in own]


AGAIN = [
    error_in_returns, steps_uphill, exact_or_large, good_and_bad_risen, policy_after_each_step,
    worth_of_the_best_constant, worth_in_trajectories, which_estimator, infinite_though_near, what_is_saved,
    updates_by_rule, best_gains,
]  # fmt: skip


@pytest.mark.parametrize("again", AGAIN, ids=lambda again: again.__name__)
@pytest.mark.parametrize("config", CONFIGS)
def test_a_sentence_says_what_the_tables_say(tables, again, config, tmp_path):
    these = CONFIGS[config](tables)
    sentence = sentences_of(these)[again.__name__]
    if config == "as it ran":
        assert sentence
    if sentence:
        assert [part for part in again(saved(these, tmp_path)) if part not in sentence] == []


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.name)
def test_nothing_is_said_of_what_is_no_number(tables, sentence):
    """From tables that are empty, of one row, all zero or without numbers: true words or none."""

    def numbers(value):
        return lambda table: table.assign(**dict.fromkeys(table.select_dtypes("float"), value))

    thin = [lambda table: table.head(0), lambda table: table.head(1), numbers(np.nan), numbers(0.0)]
    for change in thin:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            said = sentences_of({name: change(tables[name]) for name in sentence.tables})[sentence.name]
        assert not re.search(r"\b(nan|inf|None)\b", said), said


def test_texts_place_what_there_is_and_all_of_it():
    known = {sentence.name for sentence in SENTENCES}
    figures = {name for figure in registry.figure_files() for name in (figure.id, figure.name)}
    texts = "".join((registry.LIBRARY.parent / path).read_text("utf-8") for path in registry.texts())
    placed = {
        kind: {name for found, name in PLACED.findall(texts) if found == kind}
        for kind in ("sentence", "figure")
    }
    assert placed["sentence"] == known
    assert placed["figure"] <= figures | {"F13"}


def test_counterexamples_are_told_by_their_trajectories(tables):
    """Lever: variance 0.1 · 0.9 · 0.1² and 0.1 · 0.9 · 0.8², 64 times as much. Coin: 1/16, and 5/16."""
    told = sentences_of(tables)
    assert "0.01 (90 %) or 0.81 (10 %) with its mean subtracted" in told["lever_in_numbers"]
    assert "the variance 0.0009 and 0.0576: 64 times as much" in told["lever_in_numbers"]
    assert "the mean is 0.25 both times, the variance 0.0625 and 0.3125: 5 times" in told["coin_in_numbers"]
    same = tables["listed_contributions"].assign(return_mean=lambda t: t["total_return"])
    assert sentences_of({"listed_contributions": same})["lever_in_numbers"] == ""


def test_a_dataset_is_told_with_what_makes_it_doubtful(tables):
    told = sentences_of(of_datasets())
    assert told["whose_rollouts"] == (
        "On the line the trajectories are 40 episodes of *some/walks-v1*, with the probabilities that it records. On the "
        "grid the trajectories are 40 episodes of *some/walks-v1*, with those of a policy fitted to it (log-likelihood of "
        "an episode held out: −2.5 [−3, −2] nats). **Doubtful** at 0.1 nats along $\\nabla J$: effective sample size under "
        "10 % from step 5 on."
    )
    assert (
        "| the line | per decision | fitted | 0.2 [0, 0.3] | 1 [0.9, 1.1] | 10 of 4 |"
        in told["worth_of_probabilities"]
    )


def test_a_name_is_that_of_one_sentence(monkeypatch, tmp_path):
    for section in registry.SECTIONS[:2]:
        (tmp_path / section).mkdir()
        (tmp_path / section / "sentences.py").write_text("def twice(table):\n    return ''\n")
    monkeypatch.setattr(registry, "LECTURE", tmp_path)
    monkeypatch.setattr(registry, "LIBRARY", tmp_path)
    with pytest.raises(ValueError, match="two sentences are called twice"):
        registry.sentences.__wrapped__()


def test_a_text_lacks_what_the_run_lacks():
    """A sentence whose table is not there is left out."""
    assert sentences_of({"three_steps": pd.DataFrame({"case": []})}) == {"policy_after_each_step": ""}


def test_paths_are_read_as_the_pipeline_reads_them():
    assert all(Path(registry.source_of(sentence.module)).is_file() for sentence in SENTENCES)
