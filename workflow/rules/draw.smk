# Figures: each reads the tables that its `draw` names, and is drawn again when its own file changes.
from pgpipe.lecture.report.specs import draw_figure


rule draw_figure:
    input:
        tables=figure_tables,
    output:
        svg=report(
            "reports/figures/{figure}.svg",
            caption="../captions/figure.rst",
            category=figure_shelf,
            labels=figure_labels,
        ),
        png="reports/figures/{figure}.png",
        findings="reports/figures/{figure}.md",
    log:
        "logs/draw_figure/{figure}.log",
    resources:
        mem_mb=1000,
        runtime="5m",
    params:
        job=job_of(draw_figure),
        caption=figure_caption,
    script:
        "../run.py"
