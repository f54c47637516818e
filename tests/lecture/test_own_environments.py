"""Environments that somebody else wrote: told before any job, in the report, or in the last line of a log."""

import sys
from pathlib import Path

import gymnasium
import pytest
import unit.handmade_envs  # noqa: F401  registers them

from pgpipe.config.files import ConfigError
from pgpipe.envs.apart import LostError, apart
from pgpipe.jobs.job import Job, perform
from pgpipe.lecture.common.specs import environment_spec
from pgpipe.lecture.report.material import noted
from pgpipe.lecture.report.specs import write_book, write_report, write_slides

MINE = "environments: {{mine: {{id: Handmade/{id}-v0, kwargs: {{{kwargs}}}, gamma: 0.9, policy: {{kind: {policy}, hidden: [8]}}}}}}\n"
RECIPE = "recipes: {train_mine: {environment: mine, updates: 3, learning_rate: 0.02, estimator: mean_baseline, steps: 10}}\n"
REFUSED = {
    ("Endless", ""): "it has no time limit, and its first episode did not end in 1000 steps; write max_episode_steps: 200, or as many as one should have",
    ("Paid", "kind: none"): "its reward is None, of type NoneType; allowed: a number",
    ("OldReset", ""): "its reset takes no seed, an old form; needed: reset(self, *, seed=None, options=None) -> (observation, info)",
}  # fmt: skip


def mine(id, kwargs="", policy="categorical_mlp"):
    return MINE.format(id=id, kwargs=kwargs, policy=policy)


@pytest.mark.parametrize("case", REFUSED, ids=": ".join)
def test_what_no_job_can_use_is_refused_under_its_key_path(override, case):
    with pytest.raises(ConfigError) as error:
        override(mine(*case))
    line = str(error.value).splitlines()[1].strip()
    assert line.endswith(f"mine.yaml: environments.mine: Handmade/{case[0]}-v0: {REFUSED[case]}")
    assert len(str(error.value).splitlines()) == 2


def test_a_constructor_that_raises_is_told_by_its_own_words(override):
    """Whatever it raises; `SystemExit` too."""
    gymnasium.register(id="Handmade/Ends-v0", entry_point=lambda: sys.exit("no licence"))  # type: ignore[arg-type]
    with pytest.raises(
        ConfigError,
        match=r"environments\.mine: Handmade/Ends-v0: it cannot be made: SystemExit: no licence \(",
    ):
        override(mine("Ends"))
    gymnasium.registry.pop("Handmade/Ends-v0")


def test_a_batch_of_steps_says_what_to_do_where_episodes_end_at_random(override):
    with pytest.raises(ConfigError) as error:
        override(mine("AtOnce", "sometimes: true") + RECIPE)
    assert (
        "recipes.train_mine.steps: found 10; batches need at least 2 episodes, and with episodes that end at random "
        "none may be left. Allowed: episodes, 2 or more, or max_episode_steps below 10"
    ) in str(error.value)


def test_a_single_simulator_takes_no_batches_of_steps(override):
    with pytest.raises(ConfigError) as error:
        override(mine("Licensed") + RECIPE)
    assert (
        "recipes.train_mine.steps: found 10; only one mine may run in a process, and steps take several at a time. "
        "Allowed: episodes"
    ) in str(error.value)


def test_specs_say_more_only_where_there_is_more_to_say(override):
    """Nothing is redone for what a config does not have."""
    assert "single" not in environment_spec(override(mine("Countdown")), "mine")
    assert environment_spec(override(mine("Licensed")), "mine")["single"]
    assert "notes" not in write_report(override("")).spec


def test_the_report_says_what_to_know_of_environments(override):
    config = override(mine("Unseeded"))
    (note,) = config.notes()
    assert note.startswith("environments.mine: Handmade/Unseeded-v0: it is not reproducible: the same seed")
    assert write_report(config).spec["notes"] == write_book(config).spec["notes"] == [note]
    assert "notes" not in write_slides(config).spec


def test_the_report_says_what_was_stopped():
    import pandas as pd

    where = {"environment": "mine", "episode": 1, "step": 3, "found": "reward nan"}
    seeds = pd.DataFrame([where | {"recipe": "train_mine", "seed": 4, "update": 2}])
    cells = pd.DataFrame([where | {"policy": "trained", "batch": 7}])
    assert noted(["first"], {"stopped_seeds": seeds, "stopped_cells": cells}) == [
        "first",
        "mine: seed 4 of train_mine was stopped at update 2, as the environment gave reward nan at step 3 of episode 1",
        "mine: the gradient study at trained is empty, as the environment gave reward nan at step 3 of episode 1 of batch 7",
    ]


def test_a_simulator_that_fails_in_a_job_is_the_last_line_of_its_log(tmp_path, monkeypatch, override):
    monkeypatch.chdir(tmp_path)
    environment = environment_spec(override(mine("Raises")), "mine")
    spec = {"seed": 0, "environment": environment, "replicates": 20, "n": 8}
    job = Job(
        rule="collect_rollouts", function="lecture.test_own_environments:rolled_out", spec=spec, uses=[], code="",
        inputs={}, outputs={"rollouts": "rollouts.json"}, log="job.log",
    )  # fmt: skip
    with pytest.raises(LostError, match="exit code 1"):
        apart(perform, job)
    *_, last = Path("job.log").read_text().splitlines()
    assert last.startswith("Handmade/Raises-v0, step 4 of the episode from seed ")
    assert (
        ": its step failed: RuntimeError: the simulator lost its connection (handmade_envs.py, line " in last
    )
    assert "Traceback" not in Path("job.log").read_text()


def rolled_out(spec):
    """As the gradient study has it, at the policy that training starts from."""
    from pgpipe.rollout import policy_for
    from pgpipe.sampling import sample_batches
    from pgpipe.seeding import stream

    theta = policy_for(spec["environment"]).initial(stream(0, "initial"))
    return len(list(sample_batches(spec["environment"], theta, 0, ("study",), spec["replicates"], spec["n"])))
