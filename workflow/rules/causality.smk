# Causality and baselines: what an action cannot change, and what a constant cannot.


rule study_causality:
    input:
        policies="results/study/{environment}/policies.safetensors",
        rollouts="results/study/{environment}/rollouts.safetensors",
        code=code_for("study_causality.py", specs.study_causality),
    output:
        identities="results/causality/{environment}/identities.csv",
        effects="results/causality/{environment}/effects.csv",
    log:
        "logs/study_causality/{environment}.log",
    benchmark:
        "results/timings/study_causality/{environment}.tsv"
    resources:
        mem_mb=4000,
        runtime="20m",
    params:
        spec=spec_of(specs.study_causality),
    script:
        "../scripts/study_causality.py"


rule gather_causality_table:
    input:
        parts=[
            f"results/causality/{environment}/{{part}}.csv"
            for environment in plan.environments_of(CONFIG, "causality_study")
        ],
        code=code_for("gather_table.py", specs.gather_table),
    output:
        table="reports/tables/causality_{part}.csv",
    log:
        "logs/gather_causality_table/{part}.log",
    benchmark:
        "results/timings/gather_causality_table/{part}.tsv"
    wildcard_constraints:
        part="identities|effects",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.gather_table),
    script:
        "../scripts/gather_table.py"
