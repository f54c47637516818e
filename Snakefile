# The lecture, as a table of contents: config, stages, targets.
include: "workflow/rules/common.smk"
include: "workflow/rules/gradients.smk"
include: "workflow/rules/objective.smk"
include: "workflow/rules/variance.smk"
include: "workflow/rules/direct_differentiation.smk"
include: "workflow/rules/what_the_gradient_does.smk"
include: "workflow/rules/variance_reduction.smk"
include: "workflow/rules/off_policy.smk"
include: "workflow/rules/dataset.smk"
include: "workflow/rules/implementation.smk"
include: "workflow/rules/practice.smk"
include: "workflow/rules/line.smk"
include: "workflow/rules/natural_gradient.smk"
include: "workflow/rules/after_the_lecture.smk"
include: "workflow/rules/gather.smk"
include: "workflow/rules/draw.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/certificate.smk"
include: "workflow/rules/why.smk"
include: "workflow/rules/cluster.smk"


# what Snakemake's own report begins with
report: "workflow/captions/workflow.rst"


rule lecture:
    default_target: True
    input:
        "reports/lecture.html",
        "reports/manifest.json",
        "reports/costs.html",
