# After the lecture: groups, divisors, clipping, other gradients, and what they do to training.
from pgpipe.lecture.after_the_lecture.specs import compare_expected, compare_ways, split_variance


# Other ways to the same gradient, where the variance sits.
rule compare_ways:
    output:
        gradient_ways="reports/tables/gradient_ways.csv",
        gradient_ripples="reports/tables/gradient_ripples.csv",
        gradient_ways_identities="reports/tables/gradient_ways_identities.csv",
    log:
        "logs/compare_ways.log",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        job=job_of(compare_ways),
    script:
        "../run.py"


publish(rules.compare_ways, made=CONFIG.ways_study is not None)


rule compare_expected:
    input:
        policies="results/study/{environment}/policies.safetensors",
    output:
        expected_gradients="results/after_the_lecture/{environment}/expected_gradients.csv",
    log:
        "logs/compare_expected/{environment}.log",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        job=job_of(compare_expected),
    script:
        "../run.py"


publish(rules.compare_expected, environment=environments_of(CONFIG.expected_study))


rule split_variance:
    input:
        policies="results/study/{environment}/policies.safetensors",
    output:
        variance_terms="results/after_the_lecture/{environment}/variance_terms.csv",
    log:
        "logs/split_variance/{environment}.log",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        job=job_of(split_variance),
    script:
        "../run.py"


publish(rules.split_variance, environment=environments_of(CONFIG.terms_study))
