# What is wrong: one step on three samples, and what a constant added to the return does to the gradient.
import pgpipe.specs.variance


rule step_on_three_samples:
    input:
        code=code_for(specs.variance.step_on_three_samples),
    output:
        three_samples="reports/tables/three_samples.csv",
        three_steps="reports/tables/three_steps.csv",
        three_curves="reports/tables/three_curves.csv",
    log:
        "logs/step_on_three_samples.log",
    benchmark:
        "results/timings/step_on_three_samples.tsv"
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.variance.step_on_three_samples),
    script:
        "../scripts/step_on_three_samples.py"


rule shift_returns:
    input:
        code=code_for(specs.variance.shift_returns),
    output:
        return_shift="reports/tables/return_shift.csv",
        return_parabola="reports/tables/return_parabola.csv",
        step_direction="reports/tables/step_direction.csv",
    log:
        "logs/shift_returns.log",
    benchmark:
        "results/timings/shift_returns.tsv"
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        spec=spec_of(specs.variance.shift_returns),
    script:
        "../scripts/shift_returns.py"
