# Direct differentiation: the steps of the derivation, and how well samples tell its result.


rule check_identities:
    input:
        code=code_for("check_identities.py", specs.check_identities),
    output:
        table="results/trajectories/{dynamics}.csv",
    log:
        "logs/check_identities/{dynamics}.log",
    benchmark:
        "results/timings/check_identities/{dynamics}.tsv"
    wildcard_constraints:
        dynamics="line|grid",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        spec=spec_of(specs.check_identities),
    script:
        "../scripts/check_identities.py"


rule gather_identities_table:
    input:
        parts=[f"results/trajectories/{dynamics}.csv" for dynamics in plan.known_dynamics(CONFIG)],
        code=code_for("gather_table.py", specs.gather_table),
    output:
        table="reports/tables/trajectory_identities.csv",
    log:
        "logs/gather_identities_table.log",
    benchmark:
        "results/timings/gather_identities_table.tsv"
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.gather_table),
    script:
        "../scripts/gather_table.py"


rule follow_gradient:
    input:
        policies="results/study/{environment}/policies.safetensors",
        code=code_for("follow_gradient.py", specs.follow_gradient),
    output:
        table="results/convergence/{environment}.csv",
    log:
        "logs/follow_gradient/{environment}.log",
    benchmark:
        "results/timings/follow_gradient/{environment}.tsv"
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        spec=spec_of(specs.follow_gradient),
    script:
        "../scripts/follow_gradient.py"


rule gather_convergence_table:
    input:
        parts=[
            f"results/convergence/{name}.csv" for name in plan.environments_of(CONFIG, "convergence_study")
        ],
        code=code_for("gather_table.py", specs.gather_table),
    output:
        table="reports/tables/gradient_convergence.csv",
    log:
        "logs/gather_convergence_table.log",
    benchmark:
        "results/timings/gather_convergence_table.tsv"
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.gather_table),
    script:
        "../scripts/gather_table.py"
