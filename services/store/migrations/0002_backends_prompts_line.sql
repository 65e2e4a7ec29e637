-- A ComfyUI server. `state` is what people and the watching agent decided; whether it answers now is
-- `seen_at`. `abilities` is null until its agent has asked it what it has.
CREATE TABLE backends (
    backend_id       text PRIMARY KEY,
    url              text NOT NULL,
    source           text NOT NULL CHECK (source IN ('configuration', 'console')),
    state            text NOT NULL DEFAULT 'offered'
        CHECK (state IN ('offered', 'cordoned', 'draining', 'quarantined', 'removed')),
    reason           text,
    state_changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at          timestamptz,
    facts            jsonb,
    abilities        jsonb,
    missing          jsonb NOT NULL DEFAULT '{}',
    lines            text[] NOT NULL DEFAULT '{}',
    running          integer NOT NULL DEFAULT 0,
    pending          integer NOT NULL DEFAULT 0,
    added_at         timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One submission to a backend, noted before it is sent. Who sets `posting_at` may send, nobody else;
-- while `posted_at` is missing the request may still be on its way. `withdrawn_at` forbids sending.
CREATE TABLE prompts (
    prompt_id    text PRIMARY KEY,
    job_id       text NOT NULL REFERENCES jobs,
    segment      integer NOT NULL,
    generation   integer NOT NULL,
    backend_id   text NOT NULL,
    posting_at   timestamptz,
    posted_at    timestamptz,
    withdrawn_at timestamptz,
    abandoned_at timestamptz,
    settled_at   timestamptz,
    outcome      text,
    cause        text,
    answer       text,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX prompts_by_job ON prompts (job_id, segment, generation);
CREATE INDEX prompts_unsettled ON prompts (created_at) WHERE settled_at IS NULL;

-- weight: the owner's share of the GPUs, relative to the others' who wait.
ALTER TABLE owners ADD COLUMN weight double precision NOT NULL DEFAULT 1
    CHECK (weight BETWEEN 0.001 AND 1000);

-- line: the task queue the job waits in for a GPU. checked_at: when its workflow was last seen alive.
ALTER TABLE jobs ADD COLUMN line text, ADD COLUMN granted_at timestamptz,
    ADD COLUMN checked_at timestamptz;
CREATE INDEX jobs_to_check ON jobs (checked_at NULLS FIRST)
    WHERE render_started_at IS NOT NULL AND ended_at IS NULL;
CREATE INDEX jobs_by_end ON jobs (ended_at DESC) WHERE status = 'completed';
CREATE INDEX jobs_rendering ON jobs (status) WHERE status IN ('accepted', 'uploaded', 'executing');
