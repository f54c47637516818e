"""A wrong config is refused before anything runs, with every mistake in one readable line."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import own_envs  # noqa: F401  registers them
import pytest
import yaml

from pgpipe.config.files import ConfigError, read_config
from pgpipe.estimators.parts import part_names
from pgpipe.lecture.config import Config, json_schema
from pgpipe.lecture.direct_differentiation.specs import check_identities, known_dynamics
from pgpipe.lecture.gradients.specs import collect_rollouts
from pgpipe.lecture.off_policy.specs import study_off_policy


def mistakes(read, text, tmp_path):
    """The lines of the error, with the file's folder left out."""
    with pytest.raises(ConfigError) as error:
        read(text)
    first, *lines = str(error.value).splitlines()
    assert first == f"{len(lines)} mistake(s) in the config"
    return [line.strip().replace(f"{tmp_path}/", "") for line in lines]


RECIPES = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text())["recipes"]

ONE_MISTAKE = {
    "unknown key": (
        "gradient_study: {replicats: 20}",
        "mine.yaml: gradient_study.replicats: unknown key; did you mean 'replicates'? "
        "Allowed: environments, batch_sizes, replicates, reference_replicates",
    ),
    "batch of a single episode": (
        "batch_sweep: {steps: [100, 400]}",
        "mine.yaml: the whole config: batch_sweep.steps: found 100; allowed in practice_cartpole: more than the 200 "
        "of one episode",
    ),
    "sweep that ends before its first update": (
        "batch_sweep: {env_steps: 10_000}",
        "mine.yaml: the whole config: batch_sweep.env_steps: found 10000; allowed: at least the largest batch, 32000",
    ),
    "recipe of a sweep": (
        "learning_rate_sweep: {learning_rates: {practice_carpole: [0.1, 1.0]}}",
        "mine.yaml: learning_rate_sweep.learning_rates.practice_carpole: unknown recipe 'practice_carpole'; "
        f"did you mean 'practice_cartpole'? Known: {', '.join(RECIPES)}",
    ),
    "two recipes in one environment": (
        "noise_study: {recipes: [grid_mean_baseline, practice_grid]}",
        "mine.yaml: the whole config: noise_study.recipes: found grid_mean_baseline and practice_grid, both in grid; "
        "allowed: one for each environment",
    ),
    "a longest horizon with no later half": (
        "horizon_study: {horizons: [2, 3]}",
        "mine.yaml: the whole config: horizon_study.horizons: found at most 3; allowed: a longest of at least 4, "
        "whose later half C13 looks at",
    ),
    "too few small steps for a limit": (
        "natural_study: {kls: [0.1, 0.001]}",
        "mine.yaml: the whole config: natural_study.kls: found 1 between 1e-05 and 0.001; "
        "allowed: at least 2, from which C26 takes the limit",
    ),
    "nothing that is added": (
        "return_shift: {constants: [-2.0, 0.0]}",
        "mine.yaml: the whole config: return_shift.constants: found at most 0; allowed: one above 0, which C7 adds",
    ),
    "every optimum zero": (
        "line_study: {shape_start_stds: [0.0]}",
        "mine.yaml: the whole config: line_study.shape_start_stds: found only 0; allowed: one above 0, from where C24 "
        "counts updates",
    ),
    "costs of what is no network": (
        "gradient_costs: {environment: line}",
        "mine.yaml: the whole config: gradient_costs.environment: found line, whose policy is no network or whose "
        "horizon is no time limit. Allowed: cartpole, small_cartpole, acrobot, grouped_cartpole, pendulum",
    ),
    "type": ("seeds: thirty", "mine.yaml: seeds: found 'thirty'; Input should be a valid integer"),
    "truth value for a number": ("seeds: true", "mine.yaml: seeds: found True; Input should be a valid integer"),
    "range": (
        "gradient_study: {batch_sizes: [16, 1]}",
        "mine.yaml: gradient_study.batch_sizes.1: found 1; Input should be greater than or equal to 2",
    ),
    "missing": (
        "recipes: {fast: {environment: cartpole, estimator: mean_baseline}}",
        "mine.yaml: recipes.fast: found neither learning_rate nor kl; allowed: one of the two",
    ),
    "name of an estimator": (
        "recipes: {fast: {environment: cartpole, estimator: mean_base, learning_rate: 1e-2}}",
        "mine.yaml: recipes.fast.estimator: unknown estimator 'mean_base'; did you mean 'mean_baseline'? "
        "Known: total_return, return_mean, return_batch_mean, return_optimal, return_batch_optimal, reward_to_go, mean_baseline, time_mean, optimal, critic, exact_value, gae, td, normalized_advantages, undiscounted_score, "
        "weighted_return, weighted_to_go, per_decision, no_future, marginal, first_order, weighted_return_mean, self_normalized_return, self_normalized_decision, per_decision_mean, first_order_mean, natural, natural_gae, rloo, grpo, dr_grpo, ppo, v_trace, group_normalized",
    ),
    "name of a part": (
        "estimators: {new: {signal: reward_to_go, baseline: meen}}",
        "mine.yaml: estimators.new.baseline: unknown baseline 'meen'; did you mean 'mean'? "
        f"Known: {', '.join(part_names('baselines'))}",
    ),
    "name of an environment's argument": (
        "environments: {line: {id: pgpipe/Line-v0, kwargs: {horizn: 3}, gamma: 1, "
        "policy: {kind: linear_gaussian, k: 0, sigma: 1}}}",
        "mine.yaml: environments.line: unknown argument of pgpipe/Line-v0 'horizn'; did you mean 'horizon'? "
        "Known: horizon, start_std, noise_std",
    ),
    "key of a policy": (
        "environments: {line: {id: pgpipe/Line-v0, gamma: 1, "
        "policy: {kind: linear_gaussian, k: 0, sigma: 1, mu: 3}}}",
        "mine.yaml: environments.line.policy.mu: unknown key. Allowed: kind, k, sigma, parameterization",
    ),
    "policy that cannot act": (
        "environments: {swing: {id: Pendulum-v1, gamma: 1, policy: {kind: categorical_mlp}}}",
        "mine.yaml: environments.swing: policy categorical_mlp cannot act in Pendulum-v1: observations "
        "Box([-1. -1. -8.], [1. 1. 8.], (3,), float32), actions Box(-2.0, 2.0, (1,), float32); "
        "needed: discrete actions, one or several at once",
    ),
    "Gaussian over discrete actions": (
        "environments: {room: {id: pgpipe/Coin-v0, gamma: 1, policy: {kind: gaussian_mlp}}}",
        "mine.yaml: environments.room: policy gaussian_mlp cannot act in pgpipe/Coin-v0: observations "
        "Box(0.0, 1.0, (1,), float64), actions Discrete(2); needed: actions in a Box",
    ),
    "table of logits over several choices": (
        "environments: {own: {id: Own/Mirror-v0, kwargs: {acted: multi_discrete}, gamma: 1, policy: {kind: softmax_table}}}",
        "mine.yaml: environments.own: policy softmax_table cannot act in Own/Mirror-v0: observations "
        "Box(-1.0, 1.0, (3,), float32), actions MultiDiscrete([3 2]); needed: one discrete action",
    ),
    "one action": (
        "environments: {own: {id: Own/Mirror-v0, kwargs: {acted: one}, gamma: 1, policy: {kind: categorical_mlp}}}",
        "mine.yaml: environments.own: Own/Mirror-v0: its action_space is Discrete(1): with one action there is "
        "nothing to choose",
    ),
    "observations of any length": (
        "environments: {own: {id: Own/Mirror-v0, kwargs: {seen: sequence}, gamma: 1, policy: {kind: categorical_mlp}}}",
        "mine.yaml: environments.own: Own/Mirror-v0: its observation_space is Sequence(Discrete(3), stack=False): "
        "Sequence(Discrete(3), stack=False) has no fixed number of numbers. "
        "Allowed: Box, Discrete, MultiDiscrete, MultiBinary, Dict and Tuple of these",
    ),
    "name without a module": (
        "environments: {own: {id: CartPole-v1, gamma: 1, policy: {kind: torch, module: my_lab.nets.MyNet}}}",
        "mine.yaml: environments.own.policy.module: found 'my_lab.nets.MyNet'; "
        "allowed: module:name, as in my_lab.nets:MyNet",
    ),
    "policy that is none": (
        "environments: {own: {id: CartPole-v1, gamma: 1, policy: {kind: torch, module: own_nets:Choses}}}",
        "mine.yaml: environments.own: policy.module: found own_nets:Choses; "
        "own_nets has no 'Choses'; did you mean 'Chooses'?",
    ),
    "logits for other actions": (
        "environments: {coin: {id: pgpipe/Coin-v0, gamma: 1, policy: {kind: softmax_table, logits: [1, 2, 3]}}}",
        "mine.yaml: environments.coin: policy.logits: found 3 numbers; allowed: 2, one for each action of pgpipe/Coin-v0",
    ),
    "study of what has no exact objective": (
        "objective_study: {environments: [cartpole]}",
        "mine.yaml: the whole config: objective_study.environments: found cartpole, whose exact J is not known. "
        "Allowed: line, grid, bandit, chain, coin, lever, prompts",
    ),
    "step of a policy that nobody trains": (
        "step_study: {environments: [walk]}\n"
        "environments: {walk: {id: pgpipe/Line-v0, gamma: 1, policy: {kind: linear_gaussian, k: 0, sigma: 1}}}",
        "mine.yaml: the whole config: step_study.policy: found half_trained, but no recipe trains in walk. "
        "Allowed: untrained",
    ),
    "densities of what is not Gaussian": (
        "gaussian_study: {environments: [cartpole]}",
        "mine.yaml: the whole config: gaussian_study.environments: found cartpole, whose policy is not Gaussian. "
        "Allowed: line, bandit, pendulum",
    ),
    "two actions where there are four": (
        "two_actions: {environment: grid}",
        "mine.yaml: the whole config: two_actions.environment: found grid, which has other actions. Allowed: chain, coin, lever, cartpole, small_cartpole, grouped_cartpole",
    ),
    "snapshots from another environment": (
        "environments: {line: {id: pgpipe/Line-v0, gamma: 1, snapshots: grid_mean_baseline, "
        "policy: {kind: linear_gaussian, k: 0, sigma: 1}}}",
        "mine.yaml: the whole config: environments.line.snapshots: found a recipe that trains in grid",
    ),
    "half a step": (
        "environments: {line: {id: pgpipe/Line-v0, kwargs: {horizon: 2.5}, gamma: 1, "
        "policy: {kind: linear_gaussian, k: 0, sigma: 1}}}",
        "mine.yaml: environments.line: pgpipe/Line-v0 cannot be made: horizon must be a whole number of at least 1, got 2.5",
    ),
    "the same twice": (
        "gradient_study: {batch_sizes: [8, 8]}",
        "mine.yaml: gradient_study.batch_sizes: found [8, 8]; an entry is repeated; allowed: each once",
    ),
    "bounds the wrong way round": (
        "vector_field: {k: [1.0, -1.0]}",
        "mine.yaml: vector_field.k: found [1.0, -1.0]; allowed: a lower and a higher bound, in this order",
    ),
    "two kinds of a step": (
        "recipes: {fast: {environment: line, estimator: natural, learning_rate: 0.1, kl: 0.1}}",
        "mine.yaml: recipes.fast: found both learning_rate and kl; allowed: one of the two",
    ),
    "an optimiser beside a bound": (
        "recipes: {fast: {environment: line, estimator: natural, optimizer: momentum, kl: 0.1}}",
        "mine.yaml: recipes.fast: optimizer: found momentum beside kl; allowed: null, as kl decides the whole step",
    ),
    "adam along a natural direction": (
        "recipes: {fast: {environment: line, estimator: natural, optimizer: adam, learning_rate: 0.1}}",
        "mine.yaml: the whole config: recipes.fast.optimizer: found adam, which rescales every number of a natural "
        "direction. Allowed: sgd, momentum, normalized, null",
    ),
    "a solver of a vanilla direction": (
        "recipes: {fast: {environment: line, estimator: mean_baseline, kl: 0.1, conjugate_gradient: {iterations: 5}}}",
        "mine.yaml: the whole config: recipes.fast.conjugate_gradient: mean_baseline is a vanilla direction; "
        "allowed: null",
    ),
    "a parameter of no spread": (
        "environments: {walk: {id: pgpipe/Line-v0, gamma: 1, "
        "policy: {kind: linear_gaussian, k: 0, sigma: 1, parameterization: variance}}}",
        "mine.yaml: environments.walk.policy.parameterization: found 'variance'; "
        "Input should be 'sigma', 'log_sigma' or 'sigma_squared'",
    ),
    "a flow from where walks do not settle": (
        "line_study: {starts: [{k: 0.5, sigma: 0.3}]}",
        "mine.yaml: line_study.starts.0.k: found 0.5; Input should be less than 0",
    ),
    "a return that nobody named": (
        "direction_study: {targets: {line: null}}",
        "mine.yaml: the whole config: direction_study.targets: found none for line, in which line_vanilla trains; "
        "allowed: a return",
    ),
    "field of what is no line": (
        "vector_field: {environment: grid}",
        "mine.yaml: the whole config: vector_field.environment: found grid, which is no line. Allowed: line",
    ),
    "convergence to what is not known": (
        "convergence_study: {environments: [cartpole]}",
        "mine.yaml: the whole config: convergence_study.environments: found cartpole, whose exact J is not known. "
        "Allowed: line, grid, bandit, chain, coin, lever, prompts",
    ),
    "trajectories of what is no grid": (
        "trajectory_study: {grid: {environment: line}}",
        "mine.yaml: the whole config: trajectory_study.grid.environment: found line, which is no grid with an exact J. "
        "Allowed: grid",
    ),
    "trajectories without noise": (
        "trajectory_study: {line: {noise_std: 0.0}}",
        "mine.yaml: trajectory_study.line.noise_std: found 0.0; Input should be greater than 0",
    ),
    "constant that leaves a return negative": (
        "three_samples: {constant: 2.0}",
        "mine.yaml: three_samples: constant: allowed: above 2, so that all returns become positive",
    ),
    "few that are too many": (
        "return_shift: {few: 33}",
        "mine.yaml: return_shift: few: allowed: at most batch_size, 32, whose first trajectories they are",
    ),
    "shift of what is no bandit": (
        "return_shift: {environment: line}",
        "mine.yaml: the whole config: return_shift.environment: found line, no bandit. Allowed: bandit",
    ),
    "value function that nobody asks for": (
        "estimators: {mine: {signal: reward_to_go, baseline: mean, value: exact}}",
        "mine.yaml: estimators.mine: value is set, but neither signal reward_to_go nor baseline mean uses it",
    ),
    "λ of what has none": (
        "estimators: {mine: {signal: td, baseline: value, gae_lambda: 0.5}}",
        "mine.yaml: estimators.mine: gae_lambda is set, but neither signal td nor baseline value uses it",
    ),
    "normalised advantages where there are none": (
        "estimators: {mine: {signal: reward_to_go, baseline: optimal, normalize: true}}",
        "mine.yaml: estimators.mine: normalize: found true; allowed: false, as baseline optimal acts on no advantages",
    ),
    "name of a form of importance weights": (
        "estimators: {mine: {signal: reward_to_go, importance: per_decison}}",
        "mine.yaml: estimators.mine.importance: unknown form of importance weights 'per_decison'; did you mean "
        "'per_decision'? Known: clipped, first_order, marginal, no_future, none, per_decision, trajectory, v_trace",
    ),
    "ratios to a reward before the score": (
        "estimators: {mine: {signal: total_return, importance: per_decision}}",
        "mine.yaml: estimators.mine: importance: found per_decision, whose ratios from the score to a reward signal "
        "total_return has not, as it credits a step with past rewards too; allowed: gae, reward_to_go, td",
    ),
    "weights to normalise where there are none": (
        "estimators: {mine: {signal: reward_to_go, self_normalize: true}}",
        "mine.yaml: estimators.mine: self_normalize: found true; allowed: false, as importance none has no weights",
    ),
    "clipping of what is not clipped": (
        "estimators: {mine: {signal: reward_to_go, clip: 0.1}}",
        "mine.yaml: estimators.mine: clip is set, but importance none does not use it",
    ),
    "clipping by what acts on no advantages": (
        "estimators: {mine: {signal: reward_to_go, baseline: optimal, importance: clipped}}",
        "mine.yaml: estimators.mine: importance: found clipped, which asks for advantages; allowed with baseline "
        "optimal, which acts on none: none of these",
    ),
    "cut weights made one on average": (
        "estimators: {mine: {signal: reward_to_go, importance: v_trace, self_normalize: true}}",
        "mine.yaml: estimators.mine: self_normalize: found true; allowed: false, as the weights of importance "
        "v_trace are cut, and their mean is not one",
    ),
    "no constant to divide by": (
        "estimators: {mine: {signal: total_return, aggregate: constant}}",
        "mine.yaml: estimators.mine: longest: found null; allowed with aggregate constant: a number of steps",
    ),
    "a constant that divides nothing": (
        "estimators: {mine: {signal: total_return, longest: 8}}",
        "mine.yaml: estimators.mine: longest: found 8; allowed with aggregate trajectories: null",
    ),
    "name of an aggregate": (
        "estimators: {mine: {signal: total_return, aggregate: step}}",
        "mine.yaml: estimators.mine.aggregate: unknown aggregate 'step'; did you mean 'steps'? "
        "Known: constant, each, steps, trajectories",
    ),
    "slopes of a critic": (
        "estimators: {mine: {signal: pathwise}}",
        "mine.yaml: estimators.mine: value: found critic; allowed: exact, as signal pathwise asks for slopes",
    ),
    "a gradient less a mean": (
        "estimators: {mine: {signal: pathwise, baseline: mean, value: exact}}",
        "mine.yaml: estimators.mine: baseline: found mean; allowed: none, as signal pathwise is no credit, but a gradient",
    ),
    "groups that nobody samples": (
        "estimators: {mine: {signal: total_return, baseline: group_mean}}\n"
        "recipes: {one: {environment: line, estimator: mine, learning_rate: 1}}",
        "mine.yaml: the whole config: recipes.one.estimator: found mine, which needs groups; missing: "
        "environments.line.group",
    ),
    "groups of episodes one by one": (
        "environments: {far: {id: MountainCar-v0, gamma: 1, group: 4, policy: {kind: categorical_mlp}}}",
        "mine.yaml: environments.far: group: found 4; allowed: null, as MountainCar-v0 has no batched form",
    ),
    "a batch that cuts a group": (
        "environments: {prompts: {id: pgpipe/Prompts-v0, gamma: 1, group: 4, policy: {kind: softmax_table}}}\n"
        "recipes: {one: {environment: prompts, estimator: mean_baseline, learning_rate: 1, episodes: 10}}",
        "mine.yaml: the whole config: recipes.one.episodes: found 10; allowed: a multiple of group, 4",
    ),
    "a batch of steps in groups": (
        "environments: {prompts: {id: pgpipe/Prompts-v0, gamma: 1, group: 4, policy: {kind: softmax_table}}}\n"
        "recipes: {one: {environment: prompts, estimator: mean_baseline, learning_rate: 1, steps: 100}}",
        "mine.yaml: the whole config: recipes.one.steps: found 100; allowed with groups of 4: episodes",
    ),
    "a study's batch that cuts a group": (
        "environments: {mine: {id: pgpipe/Prompts-v0, gamma: 1, group: 6, policy: {kind: softmax_table}}}\n"
        "gradient_study: {environments: [mine], batch_sizes: [12, 16]}",
        "mine.yaml: the whole config: gradient_study.batch_sizes: found 16; allowed with mine: multiples of its group, 6",
    ),
    "entropy of old samples": (
        "recipes: {one: {environment: line, estimator: mean_baseline, learning_rate: 1, entropy: 0.1, reuse: 4}}",
        "mine.yaml: recipes.one: entropy: found 0.1; allowed with reuse: 4: 0",
    ),
    "training with exact state ratios": (
        "recipes: {one: {environment: line, estimator: marginal, learning_rate: 1}}",
        "mine.yaml: the whole config: recipes.one.estimator: found marginal; its exact state ratios are the study's",
    ),
    "horizons of what is no line": (
        "horizon_study: {environment: grid}",
        "mine.yaml: the whole config: horizon_study.environment: found grid, which is no line. Allowed: line",
    ),
    "reuse with what training does not know": (
        "reuse_study: {estimators: [marginal]}",
        "mine.yaml: the whole config: reuse_study.estimators: found marginal, which asks for what training does not know",
    ),
    "training with the exact value": (
        "recipes: {one: {environment: line, estimator: exact_value, learning_rate: 1}}",
        "mine.yaml: the whole config: recipes.one.estimator: found exact_value; its exact value is the study's",
    ),
    "batch of one with the mean": (
        "recipes: {one: {environment: grid, estimator: mean_baseline, learning_rate: 1, episodes: 1}}",
        "mine.yaml: the whole config: recipes.one.episodes: found 1; allowed: at least 2, which leave-one-out needs",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(ONE_MISTAKE))
def test_mistake_is_named_in_full(case, override, tmp_path):
    text, line = ONE_MISTAKE[case]
    assert mistakes(override, text, tmp_path) == [line]


def test_unknown_environment_id_is_refused(override, tmp_path):
    (line,) = mistakes(
        override, "environments: {a: {id: Acrobat-v1, gamma: 1, policy: {kind: categorical_mlp}}}", tmp_path
    )
    assert line.startswith("mine.yaml: environments.a.id: ")
    assert "Acrobot" in line


def test_all_mistakes_come_at_once_each_with_its_file(root, tmp_path):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text("sed: 3\nseeds: 0\n")
    second.write_text("estimators: {z: {signal: nothing}}\n")
    with pytest.raises(ConfigError) as error:
        read_config(Config, root / "config.yaml", [first, second], ["resamples=1"])
    text = str(error.value)
    assert text.startswith("4 mistake(s)")
    assert f"{first}: sed: unknown key; did you mean 'seed'?" in text
    assert f"{first}: seeds: found 0" in text
    assert (
        f"{second}: estimators.z.signal: unknown signal 'nothing'. Known: {', '.join(part_names('signals'))}"
        in text
    )
    assert "--config: resamples: found 1" in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seeds: 3\nseeds: 4\n", "mapping at line 1 repeats seeds"),
        ("- seeds\n", "found list; allowed: a mapping of config keys"),
        ("seeds: [3\n", "is not YAML"),
    ],
)
def test_unreadable_file_is_named(override, text, message):
    with pytest.raises(ConfigError, match=r"mine\.yaml") as error:
        override(text)
    assert message in str(error.value)


def test_missing_file_is_named(root):
    with pytest.raises(ConfigError, match=r"^nowhere\.yaml: cannot be read: No such file or directory$"):
        read_config(Config, root / "config.yaml", [type(root)("nowhere.yaml")])


def test_entries_are_replaced_whole(override):
    text = "environments: {line: {id: pgpipe/Line-v0, gamma: 0.5, policy: {kind: linear_gaussian, k: 1, sigma: 2}}}"
    line = override(text).environments["line"]
    assert line.kwargs == {}  # the old entry's keys are gone
    assert line.gamma == 0.5


def test_null_removes_an_entry(override):
    assert "total_return" not in override("recipes: {total_return: null}").recipes


def test_other_mappings_merge(override):
    study = override("gradient_study: {replicates: 9}").gradient_study
    assert study.replicates == 9
    assert study.batch_sizes == [8, 32]


def test_scientific_notation_without_a_dot_is_a_number(override):
    text = "recipes: {a: {environment: grid, estimator: mean_baseline, learning_rate: 1e-3}}"
    assert override(text).recipes["a"].learning_rate == 0.001


def test_order_of_keys_does_not_change_a_spec(override, root):
    """`{b, a}` in an override gives the same job as `{a, b}`."""
    plain = read_config(Config, root / "config.yaml")
    text = (
        "environments: {line: {policy: {sigma: 0.5, kind: linear_gaussian, k: -0.3}, gamma: 0.95,"
        " kwargs: {noise_std: 0.0, start_std: 1.0, horizon: 10}, id: pgpipe/Line-v0}}"
    )
    assert collect_rollouts(override(text), "line") == collect_rollouts(plain, "line")


def test_committed_schema_is_the_models(root):
    """`make schema` writes it."""
    assert (root / "workflow/schemas/config.schema.json").read_text() == json_schema()


def test_schema_accepts_the_config_and_refuses_a_wrong_key(root):
    schema = json.loads(json_schema())
    config = yaml.safe_load((root / "config.yaml").read_text())
    jsonschema.validate(config, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**config, "sead": 1}, schema)


def test_config_names_its_schema_for_editors(root):
    first = (root / "config.yaml").read_text().splitlines()[0]
    path = first.removeprefix("# yaml-language-server: $schema=")
    assert (root / path).is_file()


def test_a_study_of_trajectories_makes_its_environment_smaller(override):
    """Its own arguments win over the environment's; the rest is the environment's."""
    call = check_identities(override("trajectory_study: {line: {horizon: 3}}"), "line")
    spec: Any = call.spec
    assert spec["environment"]["kwargs"] == {"horizon": 3, "start_std": 1.0, "noise_std": 0.3}
    assert spec["environment"]["gamma"] == 0.95
    assert call.uses == ["pgpipe.envs.line", "pgpipe.oracles.line", "pgpipe.dynamics.line"]


def test_half_a_study_of_trajectories_is_one(override):
    assert known_dynamics(override("trajectory_study: {line: null}")) == ["grid"]
    assert known_dynamics(override("trajectory_study: {line: null, grid: null}")) == []
    assert known_dynamics(override("trajectory_study: null")) == []


def test_estimators_that_a_study_chooses_itself_count_as_its_code(root):
    """Off-policy, the mean baseline stands in where no gradient is known; the config need not name it."""
    config = read_config(Config, root / "config.yaml")
    assert config.off_policy_study is not None
    named = config.off_policy_study.estimators
    assert not any(config.estimators[name].baseline == "mean" for name in named)
    assert "pgpipe.estimators.baselines.mean" in study_off_policy(config, "cartpole").uses
