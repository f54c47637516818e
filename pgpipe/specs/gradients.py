"""Specs of the gradient study."""

from pgpipe.config.entries import Estimator
from pgpipe.config.model import Config
from pgpipe.plan import study_estimators
from pgpipe.specs.common import E11, Spec, environment_spec, estimator_group

# How a large batch stands in for an exact gradient: unbiased, the least noisy that needs no fitting.
REFERENCE_ESTIMATOR = {"signal": "reward_to_go", "baseline": "mean", "score_discount": True}


def collect_rollouts(config: Config, environment: str) -> Spec:
    """The rollouts that all estimators of the study share."""
    return {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "replicates": config.gradient_study.replicates,
        "n": max(config.gradient_study.batch_sizes),
    }


def compute_reference(config: Config, environment: str) -> Spec:
    """The exact J and ∇J, or how many rollouts stand in for them."""
    spec = {"environment": environment_spec(config, environment)}
    if module := config.environments[environment].oracle:
        return {**spec, "module": module}
    study = config.gradient_study
    sampling = {"replicates": study.reference_replicates, "n": max(study.batch_sizes)}
    return {**spec, "module": None, "seed": config.seed, "estimator": REFERENCE_ESTIMATOR, **sampling}


def estimate_gradients(config: Config, environment: str) -> Spec:
    """All estimators on an environment's rollouts."""
    group = estimator_group(config, environment, study_estimators(config, environment))
    return {**group, "batch_sizes": config.gradient_study.batch_sizes}


def count_operations(config: Config) -> Spec:
    """All estimators in every environment of the study, and the size of the one batch they are counted on."""
    study = config.gradient_study
    parts = [estimator_group(config, name, study_estimators(config, name)) for name in study.environments]
    return {"seed": config.seed, "parts": parts, "n": max(study.batch_sizes)}


def derive_variances(config: Config, environment: str) -> Spec:
    """The estimators whose variance follows from a list of all trajectories."""
    estimators = study_estimators(config, environment)
    return {
        "environment": environment_spec(config, environment),
        "group": {name: estimator.model_dump() for name, estimator in estimators.items()},
        "batch_sizes": config.gradient_study.batch_sizes,
        "module": config.environments[environment].oracle,
    }


def certify_estimators(config: Config) -> Spec:
    """Nothing but its inputs decides the certificate."""
    return {}


def compare_gradients(config: Config, environment: str) -> Spec:
    """Estimators side by side; the yardstick of the variance is E11, the total return without a baseline."""
    estimators = study_estimators(config, environment)
    unbiased = {name: e for name, e in estimators.items() if not e.composed.biases}
    plain = (n for n, e in unbiased.items() if (e.signal, e.baseline) == (E11["signal"], E11["baseline"]))
    return {
        "seed": config.seed,
        "environment": environment,
        "estimators": list(estimators),
        "yardstick": next(plain, None),
        "reductions": _reductions(estimators),
        "batch_sizes": config.gradient_study.batch_sizes,
        "resamples": config.resamples,
    }


def _reductions(estimators: dict[str, Estimator]) -> dict[str, list[str]]:
    """By signal the estimators with no baseline, the mean and the optimal one, if all are there.  C10."""
    plain = {
        (e.signal, e.baseline): name
        for name, e in reversed(estimators.items())
        if e.score_discount and not e.normalize
    }
    wanted = {signal: [(signal, b) for b in ("none", "mean", "optimal")] for signal, _ in plain}
    return {
        signal: [plain[parts] for parts in three]
        for signal, three in sorted(wanted.items())
        if all(parts in plain for parts in three)
    }


def list_estimators(config: Config) -> Spec:
    """The estimators in the config's order: what each is composed of, and what follows from that."""
    models = config.estimators.items()
    return {"estimators": {name: model.model_dump() | model.composed.columns() for name, model in models}}
