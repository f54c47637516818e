# Off-policy: rollouts of one policy, weights and gradients of others; the line by its horizon; batches used again.
import pgpipe.specs.off_policy


rule study_off_policy:
    input:
        policies="results/study/{environment}/policies.safetensors",
        code=code_for(specs.off_policy.study_off_policy),
    output:
        weights="results/off_policy/{environment}/off_policy_weights.csv",
        gradients="results/off_policy/{environment}/off_policy_gradients.csv",
        identities="results/off_policy/{environment}/off_policy_identities.csv",
        steps="results/off_policy/{environment}/off_policy_steps.csv",
    log:
        "logs/study_off_policy/{environment}.log",
    benchmark:
        "results/timings/study_off_policy/{environment}.tsv"
    resources:
        mem_mb=3000,
        runtime="20m",
    params:
        spec=spec_of(specs.off_policy.study_off_policy),
    script:
        "../scripts/study_off_policy.py"


rule follow_horizon:
    input:
        policies=f"results/study/{HORIZON_LINE}/policies.safetensors",
        code=code_for(specs.off_policy.follow_horizon),
    output:
        moments="reports/tables/off_policy_moments.csv",
        boundary="reports/tables/off_policy_boundary.csv",
        scaling="reports/tables/off_policy_scaling.csv",
    log:
        "logs/follow_horizon.log",
    benchmark:
        "results/timings/follow_horizon.tsv"
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        spec=spec_of(specs.off_policy.follow_horizon),
    script:
        "../scripts/follow_horizon.py"


rule train_reuse:
    input:
        code=code_for(specs.off_policy.train_reuse),
    output:
        curves="results/reuse/{estimator}/reuse_curves.csv",
        summary="results/reuse/{estimator}/reuse_summary.csv",
    log:
        "logs/train_reuse/{estimator}.log",
    benchmark:
        "results/timings/train_reuse/{estimator}.tsv"
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        spec=spec_of(specs.off_policy.train_reuse),
    script:
        "../scripts/train_reuse.py"
