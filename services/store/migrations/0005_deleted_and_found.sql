-- deleted_at: its owner sees it no more, and can bring it back. deletion: how often it was deleted.
-- deletion_started_at: its workflow runs, which deletes it for good. doomed_keys: that has begun, so
-- it can't be brought back; objects outside the job's folder that go with it.
-- kind: an animate job's submode, else its mode.
ALTER TABLE jobs
    ADD COLUMN deleted_at          timestamptz,
    ADD COLUMN deletion            integer NOT NULL DEFAULT 0,
    ADD COLUMN deletion_started_at timestamptz,
    ADD COLUMN doomed_keys         text[],
    ADD COLUMN kind text NOT NULL
        GENERATED ALWAYS AS (COALESCE(request->>'animate_submode', mode)) STORED;
CREATE INDEX jobs_by_kind ON jobs (owner, kind, status, created_at DESC, job_id DESC);
CREATE INDEX jobs_to_delete ON jobs (deletion_started_at NULLS FIRST)
    WHERE deleted_at IS NOT NULL;
CREATE INDEX jobs_restored ON jobs (deletion_started_at)
    WHERE deleted_at IS NULL AND deletion_started_at IS NOT NULL;

-- The prompts as they are searched, folded. Rows of their own: a job's row is written at every step
-- of its progress, and each time anew into all of its table's indexes.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE TABLE job_texts (
    job_id     text PRIMARY KEY REFERENCES jobs,
    owner      text NOT NULL,
    created_at timestamptz NOT NULL,
    text       text NOT NULL
);
INSERT INTO job_texts
    SELECT job_id, owner, created_at, lower(request->>'prompt') FROM jobs;
CREATE INDEX job_texts_by_owner ON job_texts (owner, created_at DESC, job_id DESC);
CREATE INDEX job_texts_by_word ON job_texts USING gin (owner, text gin_trgm_ops)
    WITH (fastupdate = off);

-- Every object that a checkpoint names, those included that only its manifest entry is made of.
CREATE VIEW checkpoint_objects AS
    SELECT job_id, taken_from, object.value->>'key' AS key
    FROM checkpoints, jsonb_each(
        files || jsonb_build_object('graph', submitted->'graph', 'values', submitted->'values')
    ) AS object;
CREATE INDEX checkpoints_taken ON checkpoints (taken_from) WHERE taken_from IS NOT NULL;

-- What stays of a job that is gone is the event that says so, for readers who were away.
ALTER TABLE events DROP CONSTRAINT events_job_id_fkey;

CREATE INDEX idempotency_keys_by_job ON idempotency_keys (job_id);
