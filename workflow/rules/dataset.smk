# Rollouts as Minari datasets, for others and to be read back: `snakemake dataset`. No part of the lecture.
from pgpipe.lecture.off_policy.specs import export_dataset


rule export_dataset:
    input:
        policies="results/study/{environment}/policies.safetensors",
    output:
        main_data="results/datasets/{environment}/{stage}-v0/data/main_data.hdf5",
        metadata="results/datasets/{environment}/{stage}-v0/data/metadata.json",
    log:
        "logs/export_dataset/{environment}/{stage}.log",
    wildcard_constraints:
        stage="untrained|half_trained|trained",
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        job=job_of(export_dataset),
    script:
        "../run.py"


rule dataset:
    input:
        datasets_of_run,
