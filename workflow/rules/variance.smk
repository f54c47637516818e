# What is wrong: one step on three samples, and what a constant added to the return does to the gradient.
from pgpipe.lecture.variance.specs import shift_returns, step_on_three_samples


rule step_on_three_samples:
    output:
        three_samples="reports/tables/three_samples.csv",
        three_steps="reports/tables/three_steps.csv",
        three_curves="reports/tables/three_curves.csv",
    log:
        "logs/step_on_three_samples.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(step_on_three_samples),
    script:
        "../run.py"


publish(rules.step_on_three_samples, made=CONFIG.three_samples is not None)


rule shift_returns:
    output:
        return_shift="reports/tables/return_shift.csv",
        return_parabola="reports/tables/return_parabola.csv",
        step_direction="reports/tables/step_direction.csv",
    log:
        "logs/shift_returns.log",
    resources:
        mem_mb=memory_of(shift_returns),
        runtime=minutes_of(shift_returns),
    params:
        job=job_of(shift_returns),
    script:
        "../run.py"


publish(rules.shift_returns, made=CONFIG.return_shift is not None)
