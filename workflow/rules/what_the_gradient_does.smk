# What the gradient does: a step from each batch, and the policies behind the pictures of section 3.
from pgpipe.lecture.what_the_gradient_does.specs import follow_gaussian, map_two_actions, measure_steps


rule measure_steps:
    output:
        step_batches="results/steps/{environment}/step_batches.csv",
        step_trajectories="results/steps/{environment}/step_trajectories.csv",
        step_traces="results/steps/{environment}/step_traces.csv",
    log:
        "logs/measure_steps/{environment}.log",
    resources:
        mem_mb=memory_of(measure_steps),
        runtime=minutes_of(measure_steps),
    params:
        job=job_of(measure_steps),
    script:
        "../run.py"


publish(rules.measure_steps, environment=environments_of(CONFIG.step_study))


rule follow_gaussian:
    input:
        policies="results/study/{environment}/policies.safetensors",
        stages="results/study/{environment}/policies.csv",
    output:
        gaussian_checks="results/gaussian/{environment}/gaussian_checks.csv",
        gaussian_rollouts="results/gaussian/{environment}/gaussian_rollouts.csv",
    log:
        "logs/follow_gaussian/{environment}.log",
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        job=job_of(follow_gaussian),
    script:
        "../run.py"


publish(rules.follow_gaussian, environment=environments_of(CONFIG.gaussian_study))


rule map_two_actions:
    input:
        unpack(two_actions_policies),
    output:
        table="reports/tables/two_actions.csv",
    log:
        "logs/map_two_actions.log",
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        job=job_of(map_two_actions),
    script:
        "../run.py"


publish(rules.map_two_actions, made=CONFIG.two_actions is not None)
