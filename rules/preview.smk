# All figures and tables from the runs that are there now, while others are being trained: it has no input and waits for
# nothing. Beside a running workflow it needs --nolock; `make preview` says so.


localrules:
    preview,


rule preview:
    log:
        f"{RESULTS}/logs/preview.log",
    conda:
        "../envs/preview.yaml"
    params:
        results=RESULTS,
        populations=lambda wildcards: described_populations(),
        imported=imported_populations(),
        studies=lambda wildcards: {
            study: {"study": study_params(study), "published": published_of(study), "inputs": inputs_of(study)}
            for study in [*run_studies(FIGURES), *run_studies(TABLES), *SUMMARIES]
        },
    script:
        "../scripts/preview.py"
