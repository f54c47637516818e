"""Specs of section 8. A cell's spec holds its own values alone, so a new one redoes no other."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.lecture.common.specs import Call, training_modules, training_spec
from pgpipe.lecture.practice.blocks import BatchSweep, LearningRateSweep, NoiseStudy

if TYPE_CHECKING:
    from pgpipe.lecture.practice.batch_sizes import BatchSizeSpec, StagesSpec
    from pgpipe.lecture.practice.batch_summary import BatchSummarySpec
    from pgpipe.lecture.practice.learning_rate_ranges import LearningRatesSpec
    from pgpipe.lecture.practice.learning_rates import LearningRateSpec
    from pgpipe.lecture.practice.noise import NoiseSpec
    from pgpipe.lecture.practice.teachers import TeachersSpec


def reach_stages(config: Entries, recipe: str) -> Call:
    """A recipe's policies on their way, whose gradients are told from large batches."""
    sweep = config.block(BatchSweep)
    spec: StagesSpec = {
        "training": {**training_spec(config, recipe), "episodes": None, "steps": sweep.reference_steps},
        "path": training_spec(config, recipe),
        "module": config.environments[config.recipes[recipe].environment].oracle,
        "seeds": list(range(sweep.seeds)),
        "stages": sweep.stages,
        "reference_batches": sweep.reference_batches,
        "episodes": sweep.episodes,
    }
    return Call(
        "pgpipe.lecture.practice.batch_sizes",
        spec,
        [*training_modules(spec["training"]), *([spec["module"]] if spec["module"] else [])],
    )


def measure_batch_size(config: Entries, recipe: str, steps: str) -> Call:
    """One batch size of a recipe."""
    sweep = config.block(BatchSweep)
    spec: BatchSizeSpec = {
        "training": {**training_spec(config, recipe), "episodes": None, "steps": int(steps)},
        "seeds": list(range(sweep.seeds)),
        "env_steps": sweep.env_steps,
        "updates": sweep.updates,
        "episodes": sweep.episodes,
        "replicates": sweep.replicates,
    }
    return Call("pgpipe.lecture.practice.batch_sizes", spec, training_modules(spec["training"]))


def summarise_batches(config: Entries) -> Call:
    """All batch sizes of all recipes."""
    sweep = config.block(BatchSweep)
    spec: BatchSummarySpec = {
        "seed": config.seed,
        "usable_cosine": sweep.usable_cosine,
        "reference_steps": sweep.reference_steps * sweep.reference_batches,
        "resamples": config.resamples,
    }
    return Call("pgpipe.lecture.practice.batch_summary", spec)


def train_teachers(config: Entries, recipe: str) -> Call:
    """The policies that supervised learning imitates in the sweep of learning rates."""
    sweep = config.block(LearningRateSweep)
    spec: TeachersSpec = {
        "training": training_spec(config, recipe),
        "seeds": list(range(sweep.teachers)),
        "episodes": 4 * sweep.episodes,
    }
    return Call("pgpipe.lecture.practice.teachers", spec, training_modules(spec["training"]))


def train_learning_rate(config: Entries, recipe: str, learning_rate: str) -> Call:
    """One learning rate of a recipe, with the optimisers that are tried there."""
    sweep = config.block(LearningRateSweep)
    spec: LearningRateSpec = {
        "training": {
            **training_spec(config, recipe),
            "optimizer": None,
            "learning_rate": float(learning_rate),
        },
        "optimizers": sweep.optimizers_at(recipe, float(learning_rate)),
        "seeds": list(range(sweep.seeds_of(recipe))),
        "episodes": sweep.episodes,
    }
    return Call("pgpipe.lecture.practice.learning_rates", spec, training_modules(spec["training"]))


def summarise_learning_rates(config: Entries) -> Call:
    """All learning rates of all recipes."""
    sweep = config.block(LearningRateSweep)
    spec: LearningRatesSpec = {
        "seed": config.seed,
        "good": sweep.good,
        "optimizers": sweep.optimizers,
        "resamples": config.resamples,
    }
    return Call("pgpipe.lecture.practice.learning_rate_ranges", spec)


def measure_noise(config: Entries, recipe: str) -> Call:
    """A recipe, learned by REINFORCE and by imitation."""
    study = config.block(NoiseStudy)
    spec: NoiseSpec = {
        "training": training_spec(config, recipe),
        "seeds": list(range(study.seeds)),
        "stages": study.stages,
        "replicates": study.replicates,
        "episodes": study.episodes,
    }
    return Call("pgpipe.lecture.practice.noise", spec, training_modules(spec["training"]))
