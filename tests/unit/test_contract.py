"""What is wrong with an environment is one line before any job; what is odd about it is a note."""

import os
import signal
import subprocess
import sys
import time

import gymnasium
import numpy as np
import pytest
import torch
import unit.handmade_envs
from gymnasium.spaces import Box, Discrete
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import recipe, sample
from unit.generated_envs import ACTIONS, FAULTS, OBSERVATIONS, RAISED, REWARDS

from pgpipe.envs import remembered
from pgpipe.envs.apart import LostError, apart
from pgpipe.envs.contract import examine
from pgpipe.envs.remembered import finding
from pgpipe.envs.single import ContractError, fitted
from pgpipe.envs.spec import EnvironmentSpec, GymnasiumSpec
from pgpipe.policies.spec import CategoricalMLPSpec, GaussianMLPSpec, PolicySpec
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.training.loop import train

STEP = "needed: step(self, action) -> (observation, reward, terminated, truncated, info)"
RESET = "needed: reset(self, *, seed=None, options=None) -> (observation, info)"
FLAT = "has no fixed number of numbers. Allowed: Box, Discrete, MultiDiscrete, MultiBinary, Dict and Tuple of these"
REFUSED = {
    ("OldStep", ""): f"its step returned 4 values, an old form; {STEP}",
    ("OldReset", ""): f"its reset takes no seed, an old form; {RESET}",
    ("OldObs", ""): f"its reset returned one value of type ndarray; {RESET}",
    ("Endless", ""): "it has no time limit, and its first episode did not end in 1000 steps; write max_episode_steps: 200, or as many as one should have",
    ("Paid", "none"): "its reward is None, of type NoneType; allowed: a number",
    ("Paid", "text"): "its reward is '1.0', of type str; allowed: a number",
    ("Paid", "array2"): "its reward has shape (2,); allowed: one number",
    ("ManyActions", "one"): "its action_space is Discrete(1): with one action there is nothing to choose",
    ("Seen", "sequence"): f"its observation_space is Sequence(Discrete(3), stack=False): Sequence(Discrete(3), stack=False) {FLAT}",
    ("Seen", "dict_sequence"): f"its observation_space is Dict('head': Discrete(6), 'tail': Sequence(Discrete(3), stack=False)): Sequence(Discrete(3), stack=False) {FLAT}",
    ("Unspaced", ""): "it has no action_space; needed: one of gymnasium.spaces",
    ("WrongShape", ""): "its observation has shape (2,); its observation_space is Box(-1.0, 1.0, (3,), float32)",
}  # fmt: skip
NOTED = {
    ("Paid", "nan"): "its reward is nan at step 3 of the first episode (seed 0); a seed or a cell stops where this happens",
    ("NoNumbers", ""): "its observation holds nan after step 3 of the first episode (seed 0); a seed or a cell stops where this happens",
    ("Unseeded", ""): "it is not reproducible: the same seed and actions gave rewards ",
}  # fmt: skip
FINE = [("Countdown", ""), ("StartOne", ""), ("Bounded", ""), ("Paid", "array1"), ("Paid", "array0"), ("Paid", "int"), ("Paid", "bool"), ("Paid", "huge"), ("Seen", "dict"), ("Seen", "tuple"), ("Seen", "image"), ("Seen", "discrete_start"), ("Seen", "scalar_box"), ("Raises", ""), ("AtOnce", ""), ("Wrapped", "")]  # fmt: skip


def handmade(name: str, kind: str = "") -> GymnasiumSpec:
    return {
        "id": f"Handmade/{name}-v0",
        "kwargs": {"kind": kind} if kind else {},
        "max_episode_steps": None,
    }


@pytest.mark.parametrize("case", REFUSED, ids="".join)
def test_what_no_job_can_use_is_told_in_a_line(case):
    assert examine(handmade(*case)) == {"problem": REFUSED[case], "notes": [], "single": False}


@pytest.mark.parametrize("case", NOTED, ids="".join)
def test_what_a_reader_has_to_know_is_noted(case):
    found = examine(handmade(*case))
    assert found["problem"] is None
    (note,) = found["notes"]
    assert note.startswith(NOTED[case])


@pytest.mark.parametrize("case", FINE, ids="".join)
def test_what_keeps_the_contract_passes(case):
    assert examine(handmade(*case)) == {"problem": None, "notes": [], "single": False}


def test_an_old_step_under_a_time_limit_is_named_too():
    """Gymnasium's wrapper unpacks five values, and fails first."""
    found = examine({**handmade("OldStep"), "max_episode_steps": 9})
    assert found["problem"] == REFUSED["OldStep", ""]


def test_a_limit_ends_what_has_no_end():
    assert examine({**handmade("Endless"), "max_episode_steps": 9})["problem"] is None


def test_a_simulator_of_which_only_one_may_run_is_found_out():
    """In a process of its own, where the failed attempt is forgotten."""
    assert finding(handmade("Licensed")) == {"problem": None, "notes": [], "single": True}
    gymnasium.make("Handmade/Licensed-v0").close()


def test_rollouts_that_fail_close_what_they_made(monkeypatch):
    made: list[object] = []
    closed: list[object] = []

    def fail(env: object, _: object) -> None:
        made.append(env)
        raise ZeroDivisionError

    environment, theta = at_first(environment_of(handmade("Countdown")))
    monkeypatch.setattr(unit.handmade_envs.Countdown, "step", fail)
    monkeypatch.setattr(unit.handmade_envs.Countdown, "close", lambda env: closed.append(env))
    with pytest.raises(ContractError, match="ZeroDivisionError"):
        list(sample_batches(environment, theta[0], 0, ("test",), 1, 2))
    assert made
    assert {id(env) for env in made} <= {id(env) for env in closed}


def test_whatever_is_made_is_closed(monkeypatch):
    closed: list[object] = []
    monkeypatch.setattr(unit.handmade_envs.Countdown, "close", lambda env: closed.append(env))
    examine(handmade("Countdown"))
    examine(handmade("Paid", "text"))
    assert len(closed) == 2 + 1


def test_a_finding_is_remembered_until_the_source_changes(tmp_path, monkeypatch):
    package = tmp_path / "drifting.py"
    text = "from unit.handmade_envs import Countdown\n\nclass Drifting(Countdown):\n    pass\n"
    package.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    gymnasium.register(id="Drifting-v0", entry_point="drifting:Drifting")
    spec: GymnasiumSpec = {"id": "Drifting-v0", "kwargs": {}, "max_episode_steps": None}
    asked = []

    def counted(*call):
        asked.append(call)
        return apart(*call)

    monkeypatch.setattr(remembered, "apart", counted)
    for _ in range(3):
        remembered._examined.cache_clear()  # as another start of Snakemake has it
        assert finding(spec, tmp_path / "found")["problem"] is None
    assert len(asked) == 1
    package.write_text(text.replace("pass", "def pay(self, action):\n        return 'much'"))
    remembered._examined.cache_clear()
    assert (
        finding(spec, tmp_path / "found")["problem"] == "its reward is 'much', of type str; allowed: a number"
    )
    assert len(asked) == 2
    gymnasium.registry.pop("Drifting-v0")


@pytest.mark.parametrize(
    ("space", "action", "arrives"),
    [
        (Discrete(3, start=5), np.array(2), 7),
        (Box(1.0, 5.0, (2,), np.float32), np.array([-3.0, 9.0]), [1, 5]),
        (Box(0, 5, (2,), np.int64), np.array([1.6, 7.0]), [2, 5]),
        (Box(-np.inf, np.inf, (1,)), np.array([1e9]), [1e9]),
    ],
)
def test_actions_arrive_as_the_environment_knows_them(space, action, arrives):
    assert fitted(space, action) == pytest.approx(arrives)
    assert space.contains(fitted(space, action))


def test_a_policy_knows_the_action_that_it_chose():
    """The third action of the names 1, 2, 3 is recorded as 2, and pays; a box clips what arrives alone."""
    named = sample(*at_first(environment_of(handmade("StartOne"))), 50).split()[0]
    assert (named.rewards == (named.actions == 2).to(named.rewards.dtype) * named.mask).all()
    gaussian: GaussianMLPSpec = {"kind": "gaussian_mlp", "hidden": [8], "sigma": 1.0}
    bounded = sample(*at_first(environment_of(handmade("Bounded"), gaussian)), 20).split()[0]
    paid = -((bounded.actions.clamp(1, 5) - 4) ** 2).sum(-1)
    torch.testing.assert_close(bounded.rewards, paid * bounded.mask)
    assert (bounded.actions < 1).any()


def at_first(environment: EnvironmentSpec) -> tuple[EnvironmentSpec, torch.Tensor]:
    return environment, policy_for(environment).initial(np.random.default_rng(0))[None]


def environment_of(spec: GymnasiumSpec, policy: PolicySpec | None = None) -> EnvironmentSpec:
    categorical: CategoricalMLPSpec = {"kind": "categorical_mlp", "hidden": [8]}
    return {"name": "mine", **spec, "gamma": 0.9, "policy": policy or categorical}


def test_what_crashes_or_hangs_ends_its_own_process_alone():
    with pytest.raises(LostError, match=r"^the process it ran in ended with signal SIGKILL$"):
        apart(lambda: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(LostError, match=r"^no answer within 0\.2 s$"):
        apart(time.sleep, 60, patience=0.2)
    with pytest.raises(LostError, match=r"^the process it ran in ended with exit code 3$"):
        apart(os._exit, 3)
    assert apart(lambda: {"a": [1, 2.5, None]}) == {"a": [1, 2.5, None]}


def test_torch_computes_in_a_process_of_its_own_though_it_has_had_threads():
    """As where the library is used at a prompt: a fork has none of them, and would wait for ever."""
    program = """
import torch
from pgpipe.envs.apart import apart
def squared():
    x = torch.ones(600, 600)
    return float((x @ x).tanh().exp().sum())
torch.set_num_threads(2)
here = squared()
print(apart(squared, patience=20) == here)
"""
    variables = {name: "2" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    made = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | variables,
    )
    assert made.stdout == "True\n", made.stderr


def test_what_raises_in_a_process_of_its_own_is_told_in_a_line():
    with pytest.raises(
        LostError, match=r"^it raised ZeroDivisionError: division by zero \(test_contract\.py, "
    ):
        apart(lambda: 1 / 0)


SPECS = st.fixed_dictionaries(
    {
        "obs": st.sampled_from(sorted(OBSERVATIONS)),
        "act": st.sampled_from(sorted(ACTIONS)),
        "reward": st.sampled_from([*sorted(REWARDS), *["float"] * len(REWARDS)]),
        "length": st.sampled_from([0, 1, 2, 5, 9]),
        "fault": st.sampled_from([*FAULTS, *["none"] * len(FAULTS)]),
        "where": st.sampled_from(["init", "reset", "step"]),
        "chance": st.sampled_from([1.0, 0.3, 0.02]),
        "raised": st.sampled_from(sorted(RAISED)),
        "seeded": st.booleans(),
    }
)
SETTLED = settings(derandomize=True, deadline=None, database=None)


def one_line(text):
    assert text
    assert "\n" not in text
    assert "Traceback" not in text


@settings(SETTLED, max_examples=250)
@given(SPECS, st.sampled_from([None, 3, 30]))
def test_any_environment_is_refused_in_a_line_or_looked_at_to_the_end(kwargs, limit):
    found = examine({"id": "Generated/Any-v0", "kwargs": kwargs, "max_episode_steps": limit})
    for text in (found["problem"], *found["notes"]):
        if text is not None:
            one_line(text)


@settings(SETTLED, max_examples=60)
@given(SPECS, st.sampled_from(["two", "shifted", "box", "positive", "integers", "unbounded"]))
def test_any_environment_that_passes_trains_or_fails_in_a_line(kwargs, act):
    """With actions that a strict environment accepts; a seed stops where what it is given is no number."""
    spec: GymnasiumSpec = {"id": "Generated/Any-v0", "kwargs": {**kwargs, "act": act}, "max_episode_steps": 7}
    if examine(spec)["problem"]:
        return
    categorical: CategoricalMLPSpec = {"kind": "categorical_mlp", "hidden": [4]}
    gaussian: GaussianMLPSpec = {"kind": "gaussian_mlp", "hidden": [4], "sigma": 3.0}
    policy: PolicySpec = categorical if act in ("two", "shifted") else gaussian
    environment: EnvironmentSpec = {"name": "any", **spec, "gamma": 0.9, "policy": policy}
    try:
        *_, last = train(recipe(environment, episodes=3, updates=2), [0, 1])
    except ContractError as broken:
        one_line(str(broken))
        assert kwargs["fault"] != "none"
    else:
        no_numbers = kwargs["reward"] in ("nan", "inf") or kwargs["fault"] in ("nan", "inf")
        assert no_numbers or last.mean_return.isfinite().all()
