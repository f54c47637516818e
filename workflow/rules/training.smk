# Training: blocks of seeds for the learning curves, and the policies at which gradients are studied.
import pgpipe.specs.training


rule train_block:
    output:
        curves="results/training/{recipe}/{block}.csv",
    log:
        "logs/train_block/{recipe}/{block}.log",
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        job=job_of(specs.training.train_block),
    script:
        "../run.py"


rule train_snapshots:
    output:
        policies="results/study/{environment}/policies.safetensors",
        table="results/study/{environment}/policies.csv",
    log:
        "logs/train_snapshots/{environment}.log",
    priority: 10  # the whole study waits for it
    resources:
        mem_mb=1000,
        runtime="1h",
    params:
        job=job_of(specs.training.train_snapshots),
    script:
        "../run.py"


publish(rules.train_snapshots, environment=CONFIG.gradient_study.environments)


rule summarise_learning:
    input:
        curves=[f"results/training/{recipe}/{block}.csv" for recipe, block in specs.training.blocks(CONFIG)],
    output:
        learning_curves="reports/tables/learning_curves.csv",
        learning_summary="reports/tables/learning_summary.csv",
        learning_improvement="reports/tables/learning_improvement.csv",
        learning_profiles="reports/tables/learning_profiles.csv",
        learning_scores="reports/tables/learning_scores.csv",
    log:
        "logs/summarise_learning.log",
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        job=job_of(specs.training.summarise_learning),
    script:
        "../run.py"


publish(rules.summarise_learning, made=bool(specs.training.blocks(CONFIG)))
