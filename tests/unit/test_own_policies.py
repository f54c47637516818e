"""What is wrong with somebody's policy is said in a line, before any job; what is right is tried once."""

import sys
from typing import Any

import own_envs
import pytest
from gymnasium.spaces import Box, Discrete, MultiDiscrete
from own_code import forgotten
from samples import CARTPOLE

from pgpipe.config import own_policies
from pgpipe.config.entries import Environment
from pgpipe.jobs.imports import _checksum, checksums, plugin_files
from pgpipe.lecture.common.specs import modules, policy_spec
from pgpipe.plugins.finding import mentioned
from pgpipe.plugins.loading import use
from pgpipe.policies.checked import complaint
from pgpipe.policies.spec import TorchSpec
from pgpipe.spaces import action_problem, observation_problem

OBSERVED, ACTED = Box(-1, 1, (4,)), Discrete(3)
DOUBLE = "it fails where parameters and observations have double precision; allowed: a forward without .float(), .double()"
WRONG = {
    "constructor": "it cannot be made with kwargs what: RuntimeError: the GPU is not there (own_nets.py, line ",
    "forward": "it fails for 1 observation(s) of 4 numbers: RuntimeError: ",
    "tensor": "it gives Tensor; allowed: a distribution of torch.distributions",
    "one": "of 1 observation(s) it gives actions of shape (); allowed: 1 row(s), one for each",
    "squeezed": "of 1 observation(s) it gives actions of shape (); allowed: 1 row(s), one for each",
    "mean": "what it gives for an observation depends on the others in the batch",
    "random": "it gives another distribution when it is asked again; allowed: no chance in forward",
    "more": "it gives choices among 6 for an action; needed: one of Discrete(3)",
    "normal": "it gives 3 real numbers for an action; needed: one of Discrete(3)",
    "laplace": "it gives Laplace; allowed: Categorical, or a list of it, Bernoulli, Normal, MultivariateNormal, "
    "or Independent of one of these",
    "nan": "its distribution has a number that is NaN or infinite for an observation",
    "item": "torch.func cannot take its derivative, which a forward without .item(), numpy and in-place steps "
    "allows: RuntimeError: ",
    "cast": f"{DOUBLE}: RuntimeError: ",
    "rounded": f"{DOUBLE}: it gives torch.float32",
    "unseeded": "the same torch seed gave other parameters; allowed: what torch's generator draws",
}


@pytest.fixture(autouse=True)
def _forgotten():
    with forgotten():
        yield


def _mention(module: str) -> None:
    """As a config does that names this module's policy."""
    plugin = mentioned(module, "")
    assert plugin is not None
    use([plugin])


def asked(name: str, acted: Any = ACTED, observed: Any = OBSERVED, **more: Any) -> str | None:
    spec: Any = {"kind": "torch", "module": f"own_nets:{name}", "kwargs": {}, **more}
    return complaint(spec, observed, acted)


@pytest.mark.parametrize("what", sorted(WRONG))
def test_a_module_that_is_no_policy_is_told_in_a_line(what):
    found = asked("Wrong", kwargs={"what": what})
    assert found is not None
    assert found.startswith(WRONG[what])
    assert "\n" not in found


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("Choses", {}, "own_nets has no 'Choses'; did you mean 'Chooses'?"),
        ("NoNet", {}, "it is the class NoNet; allowed: a subclass of torch.nn.Module, or a function"),
        ("ROWS", {}, "it is a value of type int; allowed: a subclass of torch.nn.Module, or a function"),
        ("Empty", {}, "it has no parameters to learn"),
        ("Chooses", {"kwargs": {"widht": 3}}, "it cannot be made with kwargs widht: TypeError: Chooses.__init__() "
         "got an unexpected keyword argument 'widht' (named.py, line "),
        ("Chooses", {"initial": [1.0]}, "it is a module, which draws its parameters; allowed for policy.initial: null"),
        ("walks", {}, "it is a function; policy.initial: missing, the numbers that its theta starts from"),
        ("not_a_policy", {"initial": [1.0]}, "it gives Tensor; allowed: a distribution of torch.distributions"),
    ],
)  # fmt: skip
def test_what_is_named_wrongly_is_told_with_what_is_allowed(name, more, message):
    found = asked(name, **more)
    assert found is not None
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("own_netz:Chooses", "there is no module 'own_netz'; did you mean 'own_nets'?"),
        ("pgpipe.policie:Chooses", "there is no module 'pgpipe.policie'; did you mean 'pgpipe.policies'?"),
    ],
)
def test_a_module_that_is_not_there_is_told_with_the_nearest(module, message):
    assert asked("", module=module) == message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import not_there_17", "broken_17 cannot be imported: No module named 'not_there_17'"),
        ("def x(:", "broken_17 cannot be imported: SyntaxError: "),
        ("1 / 0", "broken_17 cannot be imported: ZeroDivisionError: division by zero (broken_17.py, line 1)"),
    ],
)
def test_a_module_that_cannot_be_imported_says_why(tmp_path, monkeypatch, source, message):
    (tmp_path / "broken_17.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("broken_17", None)
    found = asked("", module="broken_17:Net")
    assert found is not None
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"sigma": 0.0}, "its distribution has a spread that is not above 0 for an observation"),
        ({"sigma": -1.0}, "its distribution has a spread that is not above 0 for an observation"),
        ({"lazy": True}, "its parameter head.weight has no shape yet; allowed: layers that are told their sizes"),
        ({}, None),
    ],
    ids=str,
)  # fmt: skip
def test_spreads_are_above_zero_and_sizes_known(kwargs, message):
    assert asked("Spread", own_envs.ACTED["box"], kwargs=kwargs) == message


def test_what_is_right_has_no_complaint():
    assert asked("Chooses") is None
    assert asked("Wrong") is None
    assert asked("Heads", MultiDiscrete([3, 2])) is None
    assert asked("Heads", own_envs.ACTED["multi_binary"]) is not None
    box = own_envs.ACTED["box"]
    assert asked("Correlates", box) is None
    assert asked("walks", Box(-1, 1, (1,)), Box(-1, 1, (1,)), initial=[0.5, 1.0]) is None


def test_a_policy_is_tried_once_and_again_after_an_edit(tmp_path, monkeypatch):
    """In a process of its own; its file, its arguments and the spaces decide whether the answer is still good."""
    (tmp_path / "net_17.py").write_text("import beside_17")
    (tmp_path / "beside_17.py").write_text("x = 1")
    monkeypatch.syspath_prepend(tmp_path)
    questions = []
    _mention("net_17")

    def ask(question: own_policies.Question) -> str:
        questions.append(question)
        return "it is wrong"

    monkeypatch.setattr(own_policies, "_asked", ask)
    spec = {"kind": "torch", "module": "net_17:Net", "kwargs": {}}
    for _ in range(2):
        assert own_policies.complaint(spec, OBSERVED, ACTED, tmp_path / "found") == "it is wrong"
    assert len(questions) == 1
    own_policies.complaint({**spec, "kwargs": {"n": 1}}, OBSERVED, ACTED, tmp_path / "found")
    own_policies.complaint(spec, OBSERVED, Discrete(2), tmp_path / "found")
    assert len(questions) == 3
    (tmp_path / "beside_17.py").write_text("x = 2")
    own_policies.complaint(spec, OBSERVED, ACTED, tmp_path / "found")
    assert len(questions) == 4


def test_the_other_process_answers_in_a_line_or_says_how_it_ended(tmp_path, monkeypatch):
    (tmp_path / "loud_17.py").write_text("print('loud')\nfrom own_nets import Chooses")
    monkeypatch.syspath_prepend(tmp_path)
    spec = {"kind": "torch", "module": "loud_17:Chooses", "kwargs": {}}
    assert own_policies.complaint(spec, OBSERVED, ACTED, None) == ""
    (tmp_path / "ends_17.py").write_text("import os\nos._exit(3)")
    found = own_policies.complaint({**spec, "module": "ends_17:Net"}, OBSERVED, ACTED, None)
    assert found == "while it was tried, the process it ran in ended with exit code 3"


def test_a_modules_own_files_are_those_beside_it_that_it_imports(tmp_path, monkeypatch):
    """Absolute and relative imports, packages above; not what is installed, and nothing is run."""
    lab = tmp_path / "lab_17"
    (lab / "deep").mkdir(parents=True)
    (lab / "__init__.py").write_text("raise RuntimeError('run')")
    (lab / "deep/__init__.py").write_text("")
    (lab / "deep/nets.py").write_text(
        "import torch\nfrom . import parts\nfrom ..top import x\nimport alone_17"
    )
    (lab / "deep/parts.py").write_text("")
    (lab / "deep/unused.py").write_text("")
    (lab / "top.py").write_text("import numpy, json")
    (tmp_path / "alone_17.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    names = ["alone_17", "lab_17", "lab_17.deep", "lab_17.deep.nets", "lab_17.deep.parts", "lab_17.top"]
    _mention("lab_17")
    assert sorted(plugin_files("lab_17.deep.nets")) == names
    for missing in ("lab_17.deep.netz", "not_there_17"):
        with pytest.raises(FileNotFoundError):
            plugin_files(missing)


def test_an_edit_of_somebodys_module_changes_the_code_of_what_uses_it(tmp_path, monkeypatch):
    """And what it imports from pgpipe counts, too."""
    (tmp_path / "mine_17.py").write_text("from pgpipe.envs.coin import CoinEnv\nimport more_17")
    (tmp_path / "more_17.py").write_text("x = 1")
    monkeypatch.syspath_prepend(tmp_path)
    _mention("mine_17")
    before = checksums("mine_17")
    assert {"mine_17.py", "more_17.py", "pgpipe/envs/coin.py"} <= set(before)
    (tmp_path / "more_17.py").write_text("x = 2")
    _checksum.cache_clear()  # which a process has for its lifetime
    after = checksums("mine_17")
    assert {path for path in after if after[path] != before[path]} == {"more_17.py"}


def test_a_job_names_the_module_of_its_policy(monkeypatch):
    """The spec says nothing of what is not set, and built-in policies' specs are what they were."""
    policy: TorchSpec = {"kind": "torch", "module": "own_nets:Chooses", "kwargs": {}}
    assert modules([CARTPOLE, CARTPOLE | {"policy": policy}]) == ["pgpipe.envs.cartpole", "own_nets"]
    monkeypatch.setattr(own_policies, "_asked", lambda question: "")
    model = {"id": "CartPole-v1", "gamma": 1.0}
    for spec in (policy, CARTPOLE["policy"]):
        environment = Environment.model_validate({**model, "policy": spec})
        assert policy_spec(environment.policy) == spec


@pytest.mark.parametrize("name", sorted(own_envs.ACTED))
def test_what_nobody_can_act_in_is_told(name):
    problems = {
        "one": "actions Discrete(1); allowed: more than one, or there is nothing to choose",
        "dict": "actions Dict('a': Discrete(2)); allowed: Discrete, MultiDiscrete, MultiBinary, Box",
    }
    assert action_problem(own_envs.ACTED[name]) == problems.get(name)


def test_what_nobody_can_see_is_told():
    problems = {name: observation_problem(space) for name, space in own_envs.SEEN.items()}
    assert [name for name, problem in problems.items() if problem] == ["sequence", "dict_sequence"]
    assert problems["dict_sequence"] == (
        "observations Dict('place': Discrete(4), 'tail': Sequence(Discrete(3), stack=False)); "
        "Sequence(Discrete(3), stack=False) has no fixed number of numbers. "
        "Allowed: Box, Discrete, MultiDiscrete, MultiBinary, Dict and Tuple of these"
    )
