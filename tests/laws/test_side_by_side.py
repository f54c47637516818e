"""Trainings that are run as one go the way that each goes by itself, bit for bit."""

import pytest
import torch
from samples import CARTPOLE, GRID, estimator_spec, recipe, some_theta

from pgpipe.rollout import record
from pgpipe.training import loop
from pgpipe.training.imitation import Imitation
from pgpipe.training.loop import Training
from pgpipe.training.side_by_side import SideBySide, imitations
from pgpipe.training.spec import ConjugateGradientSpec, OptimizerName

SOLVER: ConjugateGradientSpec = {"iterations": 5, "residual": 1e-3, "damping": 1e-3}
STEPS: list[tuple[OptimizerName, float]] = [("sgd", 0.1), ("momentum", 0.01), ("adam", 0.03), ("adam", 0.3)]
SEEDS = [0, 3]


def by_optimizer(environment):
    return [
        recipe(environment, episodes=6, updates=4, optimizer=optimizer, learning_rate=rate)
        for optimizer, rate in STEPS
    ]


def by_bound(environment):
    natural = estimator_spec("reward_to_go", "mean", direction="natural")
    same = recipe(environment, episodes=6, updates=3, estimator=natural, conjugate_gradient=SOLVER)
    return [same | {"optimizer": "sgd", "learning_rate": 1.0, "kl": kl} for kl in (1e-4, 1e-1)]


def ends(training):
    *_, last = training.updates()
    return last.theta


@pytest.mark.parametrize("environment", [CARTPOLE, GRID], ids=lambda spec: spec["name"])
@pytest.mark.parametrize("specs_of", [by_optimizer, by_bound])
def test_every_recipe_goes_its_own_way(environment, specs_of):
    specs = specs_of(environment)
    together = SideBySide(specs, SEEDS)
    found = together.by_recipe(ends(together))
    alone = torch.stack([ends(Training(spec, SEEDS)) for spec in specs])
    assert not torch.equal(alone[0], alone[1])
    assert torch.equal(found, alone)


def test_recipes_that_differ_otherwise_are_refused():
    one = recipe(GRID)
    with pytest.raises(ValueError, match=r"^episodes: found 16 and 8; allowed: the same for all$"):
        SideBySide([one, one | {"episodes": 8}], SEEDS)
    with pytest.raises(ValueError, match="episodes: found 16 and 8"):
        next(imitations([one, one | {"episodes": 8}], SEEDS, some_theta(GRID)[0]))


def test_all_goes_on_from_a_saved_state():
    specs = by_optimizer(GRID)
    whole, broken, resumed = (SideBySide(specs, SEEDS) for _ in range(3))
    for training in broken.updates():
        if training.n_updates == 2:
            break
    resumed.restore(broken.state())
    assert torch.equal(ends(resumed), ends(whole))


def test_a_teacher_is_followed_once_for_all(monkeypatch):
    specs, (teacher,) = by_optimizer(GRID), some_theta(GRID)
    alone = [ends(Imitation(spec, SEEDS, teacher)) for spec in specs]
    sampled = []

    def counted(*args, told):
        sampled.append(1)
        return record(*args, told=told)

    monkeypatch.setattr(loop, "record", counted)
    *_, last = imitations(specs, SEEDS, teacher)
    assert [training.n_updates for training in last] == [4] * 4
    for training, theta in zip(last, alone, strict=True):
        assert torch.equal(training.theta, theta)
    assert len(sampled) == 4  # a batch for each update
