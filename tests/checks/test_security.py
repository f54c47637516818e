"""Nobody's bytes or words are run as code: `make check` refuses what could do so."""

import re
import subprocess
import sys

import pytest

REFUSED = {
    "pickle": ("import pickle", "TID251"),
    "a name of pickle": ("from pickle import loads", "TID251"),
    "dill": ("import dill", "TID251"),
    "cloudpickle": ("import cloudpickle", "TID251"),
    "joblib": ("import joblib", "TID251"),
    "marshal": ("import marshal", "TID251"),
    "shelve": ("import shelve", "TID251"),
    "processes that pickle": ("from multiprocessing import Pool", "TID251"),
    "executor that pickles": ("from concurrent.futures import ProcessPoolExecutor", "TID251"),
    "torch": ("import torch\ntorch.load('x')", "TID251"),
    "torch by name": ("from torch import load", "TID251"),
    "numpy": ("import numpy as np\nnp.load('x', allow_pickle=True)", "TID251"),
    "pandas": ("import pandas as pd\npd.read_pickle('x')", "TID251"),
    "eval": ("eval('1')", "S307"),
    "exec": ("exec('1')", "S102"),
    "YAML with tags": ("import yaml\nyaml.load('1', yaml.Loader)", "S506"),
    "YAML, unsafe": ("import yaml\nyaml.unsafe_load('1')", "TID251"),
    "shell": ("import subprocess\nsubprocess.run('ls', shell=True)", "S602"),
    "os.system": ("import os\nos.system(input())", "S605"),
}


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_code_that_could_run_bytes_or_words_is_refused(root, what):
    code, rule = REFUSED[what]
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--output-format=concise",
        "--stdin-filename=pgpipe/new.py",
        "-",
    ]
    process = subprocess.run(command, cwd=root, input=code, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert f" {rule} " in process.stdout


def test_shells_read_no_word_of_a_config(root):
    """Jobs are scripts that are told plain values; a rule with a command has files of fixed names, and quotes the rest."""
    for path in sorted(root.glob("workflow/rules/*.smk")):
        for rule in re.split(r"^(?=rule )", path.read_text("utf-8"), flags=re.MULTILINE):
            if "shell" in rule:
                assert re.findall(r"{(?!input|output|log|params)[^}]*}|=[a-z_]+,$", rule, re.MULTILINE) == []
                assert "params" not in rule or "shlex.quote" in rule
