"""What the Snakemake workflow catalog and a builder of containers read is what the README says."""

import re
import tomllib

import yaml


def test_the_container_is_set_up_by_the_commands_of_the_readme(root):
    """No builder runs here: its steps are compared. Debian bookworm has Python 3.11."""
    lines = (root / "Containerfile").read_text().replace("\\\n", "").splitlines()
    steps = [line for line in lines if line and not line.startswith("#")]
    assert steps[0] == "FROM docker.io/library/debian:bookworm-slim"
    assert [step for step in steps if step.startswith("RUN") and "apt-get" not in step] == ["RUN make setup"]
    assert steps[-1] == 'CMD ["make"]'
    needed = "On a machine with Python 3.11 or newer and `make`, nothing else prepared"
    assert needed in (root / "README.md").read_text()
    installed = re.search(r"no-install-recommends (.*?) +&&", steps[1])
    assert installed
    assert {"make", "python3", "python3-venv"} <= set(installed[1].split())


def test_what_a_container_leaves_out_is_what_git_does_and_git_itself(root):
    left_out = set((root / ".containerignore").read_text().split())
    assert left_out <= {".git", *(line.rstrip("/") for line in (root / ".gitignore").read_text().split())}


def test_the_catalog_finds_what_it_asks_for(root):
    usage = yaml.safe_load((root / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    assert not any(usage["software-stack-deployment"].values())
    assert all(
        (root / name).is_file() for name in ("Snakefile", "config/README.md", "config.yaml", "LICENSE")
    )


def test_the_plugin_of_the_cluster_is_an_optional_group(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    plugin = "snakemake-executor-plugin-slurm"
    assert project["optional-dependencies"]["slurm"] == [plugin]
    assert plugin not in "".join(project["dependencies"])
    assert plugin not in (root / "requirements.lock").read_text()
