"""How much a job computes, by its spec alone: steps in environments, times what is made of each.

Nothing here knows seconds; `workflow/costs.py` has measured what such a step costs. A rule that is not listed
takes the same whatever the config.
"""

from collections.abc import Callable, Mapping
from typing import Any

Spec = Mapping[str, Any]

# Steps of an episode where a spec does not say: the time limits of Gymnasium's ids, and one for any other.
LIMITS = {"Acrobot-v1": 500, "CartPole-v1": 500, "Pendulum-v1": 200, "MountainCarContinuous-v0": 999}
SOME_STEPS = 200

# The policies that the gradient study looks at: untrained, half-trained, trained.
STAGES = 3


def steps_of(environment: Spec) -> int:
    """Steps of an episode, at most."""
    limit = environment["max_episode_steps"] or environment["kwargs"].get("horizon")
    return limit or LIMITS.get(environment["id"], SOME_STEPS)


def key_of(spec: Spec) -> str:
    """What a step's cost depends on: the environment and the policy's hidden layers, `CartPole-v1 64 64`."""
    recipe: Spec = next(iter(spec.get("recipes", {}).values()), {})
    training: Spec = spec.get("training") or recipe.get("training", recipe)
    environment = training.get("environment") or spec.get("environment")
    if not isinstance(environment, Mapping):
        return ""
    return " ".join(map(str, [environment["id"], *environment["policy"].get("hidden", [])]))


def batch(training: Spec) -> float:
    """Steps of one update."""
    return training["steps"] or training["episodes"] * steps_of(training["environment"])


def trained(training: Spec, times: float) -> float:
    """Steps of so many trainings; none of an environment that no recipe trains in."""
    return times * training["updates"] * batch(training) if "updates" in training else 0


def _swept(spec: Spec) -> float:
    parts = spec["recipes"].values()
    return sum(trained(part["training"], len(spec["seeds"]) * len(part["sizes"])) for part in parts)


def _off_policy(spec: Spec) -> float:
    samples = spec["replicates"] * spec["batch_size"] * steps_of(spec["environment"])
    return samples * len(spec["distances"]) * (1 + spec["random_directions"]) * len(spec["group"])


def _horizons(spec: Spec) -> float:
    estimated = spec["replicates"] * spec["batch_size"] * len(spec["group"])
    return (spec["trajectories"] + estimated) * sum(spec["horizons"])


def _cell(spec: Spec) -> float:
    steps = spec["training"]["steps"]
    return len(spec["seeds"]) * (spec["env_steps"] + (spec["updates"] + spec["replicates"]) * steps)


# By rule: what the job computes.
WORK: dict[str, Callable[[Spec], float]] = {
    "train_block": lambda s: trained(s["training"], len(s["seeds"])),
    "train_snapshots": lambda s: trained(s["training"], 1),
    "train_teachers": lambda s: trained(s["training"], len(s["seeds"])),
    "train_learning_rate": lambda s: trained(s["training"], len(s["seeds"]) * len(s["optimizers"])),
    "train_reuse": lambda s: trained(s["training"], len(s["seeds"]) * sum(s["reuse"])),
    "reach_stages": lambda s: trained(s["training"], len(s["seeds"])),
    "compare_directions": lambda s: sum(trained(each, len(s["seeds"])) for each in s["recipes"].values()),
    "train_recent": lambda s: sum(trained(each, len(s["seeds"])) for each in s["recipes"].values()),
    "sweep_steps": _swept,
    "measure_batch_size": _cell,
    "measure_noise": lambda s: len(s["seeds"]) * len(s["stages"]) * s["replicates"] * batch(s["training"]),
    "collect_rollouts": lambda s: s["replicates"] * s["n"] * steps_of(s["environment"]) * STAGES,
    # or exact, without a batch
    "compute_reference": lambda s: s.get("replicates", 0) * s.get("n", 0) * steps_of(s["environment"]),
    "study_off_policy": _off_policy,
    "follow_horizon": _horizons,
    "measure_steps": lambda s: s["policies"] * s["episodes"] * steps_of(s["environment"]),
    "measure_objective": lambda s: s["replicates"] * sum(s["sizes"]) * steps_of(s["environment"]),
    "follow_gradient": lambda s: s["most_replicates"] * sum(s["sizes"]) * steps_of(s["environment"]),
    "shift_returns": lambda s: s["replicates"] * s["batch_size"] * len(s["constants"]),
    "compare_gradients": lambda s: s["resamples"] * len(s["estimators"]) * len(s["batch_sizes"]),
    "summarise_learning": lambda s: s["resamples"] * len(s["estimators"]),
    "sample_field": lambda s: s["points"] ** 2 * s["episodes"] * steps_of(s["environment"]),
}  # fmt: skip

# … and, if it is another amount, what it has in memory at a time.
HELD: dict[str, Callable[[Spec], float]] = {
    "train_block": lambda s: len(s["seeds"]) * batch(s["training"]),
    "train_learning_rate": lambda s: len(s["seeds"]) * len(s["optimizers"]) * batch(s["training"]),
    "train_reuse": lambda s: len(s["seeds"]) * batch(s["training"]),
    "train_snapshots": lambda s: batch(s["training"]) if "updates" in s["training"] else 0,
    "train_teachers": lambda s: len(s["seeds"]) * batch(s["training"]),
    "reach_stages": lambda s: len(s["seeds"]) * batch(s["training"]),
    "compare_directions": lambda s: len(s["seeds"]) * max(batch(each) for each in s["recipes"].values()),
    "train_recent": lambda s: len(s["seeds"]) * max(batch(each) for each in s["recipes"].values()),
    "sweep_steps": lambda s: len(s["seeds"]) * max(batch(each["training"]) for each in s["recipes"].values()),
    "measure_batch_size": lambda s: len(s["seeds"]) * s["training"]["steps"],
    "measure_noise": lambda s: len(s["seeds"]) * batch(s["training"]),
    "collect_rollouts": lambda s: s["replicates"] * s["n"] * steps_of(s["environment"]),
}


def sizes(rule: str, spec: Spec, study: Spec | None = None) -> tuple[float, float]:
    """What a job of this rule computes, and what it holds.

    The estimates' spec does not say how many rollouts there are; `study`, that of the job that collects
    them, does.
    """
    if rule == "estimate_gradients" and study:
        collected = WORK["collect_rollouts"]({**study, "environment": spec["environment"]})
        return collected * len(spec["group"]), collected / STAGES
    work = WORK.get(rule, lambda _: 0.0)(spec)
    return work, HELD[rule](spec) if rule in HELD else work
