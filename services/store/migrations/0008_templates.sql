-- Which versions new jobs of a template are rendered with, where operators have decided; without a
-- row, the newest one that is released. rev: counts the changes, so that of two who change it at
-- once the second one is told. canary_percent: of new jobs, until so many have failed too often.
CREATE TABLE template_activations (
    template_id          text PRIMARY KEY,
    active_version       text NOT NULL,
    previous_version     text,
    rev                  integer NOT NULL DEFAULT 0,
    canary_version       text,
    canary_percent       integer CHECK (canary_percent BETWEEN 1 AND 99),
    canary_since         timestamptz,
    canary_least_runs    integer CHECK (canary_least_runs > 0),
    canary_most_failures double precision CHECK (canary_most_failures BETWEEN 0 AND 1),
    changed_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by           text NOT NULL,
    CHECK (num_nulls(canary_version, canary_percent, canary_since, canary_least_runs,
                     canary_most_failures) IN (0, 5))
);

-- Ended jobs that say something of their template: not those that people stopped, nor those that
-- failed for their files or settings.
CREATE VIEW template_runs AS
    SELECT template->>'template_id' AS template_id, template->>'version' AS version, created_at,
        ended_at, status = 'failed' AS failed
    FROM jobs
    WHERE status = 'completed' OR (
        status = 'failed' AND error->>'code' IN (
            'workflow_binding_failure', 'comfyui_upload_failure', 'comfyui_queue_failure',
            'generation_failure', 'generation_timeout', 'result_collection_failure'
        )
    );
CREATE INDEX jobs_by_template
    ON jobs ((template->>'template_id'), (template->>'version'), ended_at);
