# Training: blocks of seeds for the learning curves, and the policies at which gradients are studied.
import pgpipe.specs.training


rule train_block:
    input:
        code=code_for(specs.training.train_block),
    output:
        curves="results/training/{recipe}/{block}.csv",
    log:
        "logs/train_block/{recipe}/{block}.log",
    benchmark:
        "results/timings/train_block/{recipe}/{block}.tsv"
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        spec=spec_of(specs.training.train_block),
    script:
        "../scripts/train_block.py"


rule train_snapshots:
    input:
        code=code_for(specs.training.train_snapshots),
    output:
        policies="results/study/{environment}/policies.safetensors",
        table="results/study/{environment}/policies.csv",
    log:
        "logs/train_snapshots/{environment}.log",
    benchmark:
        "results/timings/train_snapshots/{environment}.tsv"
    priority: 10  # the whole study waits for it
    resources:
        mem_mb=1000,
        runtime="1h",
    params:
        spec=spec_of(specs.training.train_snapshots),
    script:
        "../scripts/train_snapshots.py"


rule summarise_learning:
    input:
        curves=[f"results/training/{recipe}/{block}.csv" for recipe, block in plan.blocks(CONFIG)],
        code=code_for(specs.training.summarise_learning),
    output:
        curves="reports/tables/learning_curves.csv",
        summary="reports/tables/learning_summary.csv",
        improvement="reports/tables/learning_improvement.csv",
        learning_profiles="reports/tables/learning_profiles.csv",
        learning_scores="reports/tables/learning_scores.csv",
    log:
        "logs/summarise_learning.log",
    benchmark:
        "results/timings/summarise_learning.tsv"
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        spec=spec_of(specs.training.summarise_learning),
    script:
        "../scripts/summarise_learning.py"
