"""A run in the words of RO-Crate's profile for provenance (https://w3id.org/ro/wfrun/provenance/0.5).

    workflow      the Snakefile; its steps are the rules, its tools the functions that they call
    actions       one for the whole run, one for each job: what it read, its spec, what it wrote
    files         with their checksums; those that are not packed have ids that begin with #

Times are in none of it, so two runs of one config on one machine give the same bytes.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from pgpipe.crate.filling import Filling
from pgpipe.crate.run import MANIFEST, Job, Run
from pgpipe.crate.vocabulary import (
    BIOSCHEMAS,
    COMPLETED,
    CONFIG,
    FILES,
    FOLDERS,
    LOCK,
    PROFILES,
    PYPI,
    PYTHON,
    SNAKEMAKE,
    WORKFLOW,
    by_name,
    format_of,
    step_id,
)

About = Mapping[str, Any]


def crate_metadata(run: Run, about: About, agent: Mapping[str, str]) -> bytes:
    """The content of `ro-crate-metadata.json`.

    `about` is what CITATION.cff says of the software; the agent has a name and an ORCID, both perhaps empty.
    """
    crate = Filling()
    describe_root(crate, about)
    describe_files(crate, run)
    who = crate.add(agent["orcid"] or "#agent", "Person", name=agent["name"] or "not named")
    workflow = describe_workflow(crate, run, about)
    workflow["hasPart"] = [
        describe_tool(crate, function, [job for job in run.jobs if job.function == function], about)
        for function in run.functions
    ]
    workflow["step"] = [describe_step(crate, place, *step) for place, step in enumerate(run.steps, 1)]
    describe_actions(crate, run, who)
    return crate.written()


def describe_root(crate: Filling, about: About) -> None:
    """What the crate is, and which profiles it keeps."""
    license = about["license"]
    crate.root["name"] = f"{about['title']} (a run)"
    crate.root["description"] = about["abstract"]
    crate.root["datePublished"] = str(about["date-released"])  # of the software: a run's own day would differ
    crate.root["license"] = crate.add(f"https://spdx.org/licenses/{license}", "CreativeWork", name=license)
    crate.root["keywords"] = ", ".join(about["keywords"])
    crate.root["conformsTo"] = [
        crate.add(id, "CreativeWork", name=name, version=id.rpartition("/")[2])
        for name, id in PROFILES.items()
    ]


def describe_files(crate: Filling, run: Run) -> None:
    """Those of the run, the config as it was read, and the workflow's."""
    for path, checksum in run.checksums.items():
        properties = {"name": path, **({"sha256": checksum} if checksum else {}), **format_of(path)}
        if path in run.packed:
            crate.add_file(path, **properties)
        else:
            text = "not packed: the workflow makes it again"
            crate.add(crate.id_of(path), "File", description=text, **properties)
    crate.add_file(CONFIG, name="the whole config of the run", **format_of(CONFIG))
    for path in FILES:
        if path != WORKFLOW:
            crate.add_file(path, name=path, **format_of(path))
    crate.get("README.md")["about"] = crate.root
    for folder in FOLDERS:
        crate.add_folder(folder)


def describe_workflow(crate: Filling, run: Run, about: About) -> Any:
    """The Snakefile, what it needs, takes and gives."""
    workflow = crate.add_workflow(
        WORKFLOW, ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        name=about["title"], version=about["version"],
    )  # fmt: skip
    workflow["conformsTo"] = crate.add(BIOSCHEMAS, "CreativeWork", name="ComputationalWorkflow 1.0")
    workflow["license"] = crate.root["license"]
    workflow["softwareRequirements"] = [crate.get(LOCK), *packages(crate, run.made["versions"])]
    names = [author["name"] for author in about["authors"]]
    authors = [
        crate.add(f"#author-{place}", "Organization", name=name) for place, name in enumerate(names, 1)
    ]
    workflow["creator"] = crate.root["author"] = authors
    workflow["input"] = crate.parameter("workflow/input/config", "config", [crate.get(CONFIG)])
    workflow["output"] = crate.parameter("workflow/output/manifest", "manifest", [crate.file(MANIFEST)])
    return workflow


def packages(crate: Filling, versions: Mapping[str, str]) -> Iterable[Any]:
    """What results may depend on, with its version."""
    for name, version in versions.items():
        address = {"python": PYTHON, "snakemake": SNAKEMAKE}.get(name, f"{PYPI}/{name}/")
        yield crate.add(address, "SoftwareApplication", name=name, version=version, url=address)


def describe_tool(crate: Filling, function: str, jobs: list[Job], about: About) -> Any:
    """A function of the package, with its inputs and outputs by name."""
    module, _, name = function.partition(":")
    path = f"{module.replace('.', '/')}.py"
    id = quote(function)
    tool = crate.add(f"#{id}", "SoftwareSourceCode", name=name, version=about["version"], codeRepository=path)
    reads = by_name(job.inputs for job in jobs)
    writes = by_name({name: [path] for name, path in job.outputs.items()} for job in jobs)
    specs = [crate.add_spec(job.name, job.spec) for job in jobs]
    tool["input"] = [
        *(crate.parameter(f"{id}/input/{name}", name, map(crate.file, of)) for name, of in reads.items()),
        crate.parameter(f"{id}/input/spec", "spec", specs, "PropertyValue"),
    ]
    tool["output"] = [
        crate.parameter(f"{id}/output/{name}", name, map(crate.file, of)) for name, of in writes.items()
    ]
    return tool


def describe_step(crate: Filling, position: int, rule: str, function: str) -> Any:
    """A rule, which calls a function."""
    tool = crate.get(f"#{quote(function)}")
    return crate.add(
        step_id(rule, function), "HowToStep", name=rule, position=str(position), workExample=tool
    )


def describe_actions(crate: Filling, run: Run, who: Any) -> None:
    """The run as a whole, its jobs, and the engine that started them."""
    jobs = [describe_job(crate, job, who) for job in run.jobs]
    controls = [
        crate.add(
            f"#control/{quote(job.name)}", "ControlAction", name=f"start {job.name}",
            instrument=crate.get(step_id(job.rule, job.function)), object=action,
        )
        for job, action in zip(run.jobs, jobs, strict=True)
    ]  # fmt: skip
    environment = [
        crate.add(f"#environment/{name}", "PropertyValue", name=name, value=str(run.made[name]))
        for name in ("platform", "cpu", "threads")
    ]
    whole = crate.add(
        "#run", "CreateAction", name="the whole run", description="all jobs behind the report", agent=who,
        instrument=crate.get(WORKFLOW), object=[crate.get(CONFIG), crate.get(LOCK)], environment=environment,
        result=[crate.file(path) for path in run.packed], actionStatus=COMPLETED,
    )  # fmt: skip
    crate.add(
        "#organized", "OrganizeAction", name="Snakemake starts the jobs", agent=who,
        instrument=crate.get(SNAKEMAKE), object=controls, result=whole,
    )  # fmt: skip
    crate.root["mentions"] = [whole, crate.get("#organized"), *jobs]


def describe_job(crate: Filling, job: Job, who: Any) -> Any:
    """What a function was given, and what it made of it."""
    return crate.add(
        f"#job/{quote(job.name)}", "CreateAction", name=job.name, description=f"a job of the rule {job.rule}",
        agent=who, instrument=crate.get(f"#{quote(job.function)}"), actionStatus=COMPLETED,
        object=[*map(crate.file, job.reads), crate.get(f"#spec/{quote(job.name)}")],
        result=[crate.file(path) for path in job.outputs.values()],
    )  # fmt: skip
