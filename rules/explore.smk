# Pages to explore populations by hand, each one file that needs no network: `explore` for all of the run, and for each
# study `explore_STUDY`. What they draw with is the same for all of them and made once.


from netspaces.explorer.page import assets_digest
from netspaces.workflow.explore_rules import DRAWS_NOTHING, explore_pages, pages_of

PAGES = explore_pages(CONFIGURATION, PATHS, BASE, STUDY_RULES)


localrules:
    page_charts,


rule page_charts:
    output:
        f"{RESULTS}/explore/charts.json",
    log:
        f"{RESULTS}/logs/explore/charts.log",
    conda:
        "../envs/analysis.yaml"
    params:
        digest=digest_of("page_charts.py", DRAWS_NOTHING),
    script:
        "../scripts/page_charts.py"


for page in PAGES.values():

    rule:
        name:
            page.rule
        input:
            populations=PATHS.populations(page.populations),
            charts=f"{RESULTS}/explore/charts.json",
        output:
            report(page.file, caption=page.caption, category=page.category, labels=page.labels),
        log:
            f"{RESULTS}/logs/explore/{page.name}.log",
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            page=page.params,
            store=f"{RESULTS}/runs",
            assets=assets_digest(),
            digest=digest_of("explore.py", DRAWS_NOTHING),
        script:
            "../scripts/explore.py"
