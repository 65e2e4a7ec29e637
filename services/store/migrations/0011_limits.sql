-- What differs for one owner from the settings; null: as the settings have it, 0: no limit.
CREATE TABLE owner_limits (
    owner                     text PRIMARY KEY,
    requests_per_minute       integer CHECK (requests_per_minute >= 0),
    token_requests_per_minute integer CHECK (token_requests_per_minute >= 0),
    uploads_per_day           integer CHECK (uploads_per_day >= 0),
    upload_bytes_per_day      bigint CHECK (upload_bytes_per_day >= 0),
    running_jobs              integer CHECK (running_jobs >= 0),
    waiting_jobs              integer CHECK (waiting_jobs >= 0),
    gpu_seconds_per_day       double precision CHECK (gpu_seconds_per_day >= 0)
);

-- When what a subject was allowed lately would be used up at its steady rate (the theoretical
-- arrival time of GCRA). Losing it in a crash does no harm.
CREATE UNLOGGED TABLE request_rates (
    subject text PRIMARY KEY,
    due_at  timestamptz NOT NULL
);

-- What owners' jobs take of the GPUs. counts_at: when the job's run was accepted, from which all of
-- its entries count, so that what is given back leaves a day's sum together with what was taken.
CREATE TABLE credit_entries (
    entry_id         text PRIMARY KEY,
    owner            text NOT NULL,
    job_id           text NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('reserve', 'settle', 'refund')),
    gpu_seconds      double precision NOT NULL,
    rendered_seconds double precision,
    counts_at        timestamptz NOT NULL,
    at               timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX credit_entries_by_owner ON credit_entries (owner, at DESC, entry_id DESC);
CREATE INDEX credit_entries_of_day ON credit_entries (owner, counts_at);
CREATE INDEX credit_entries_by_job ON credit_entries (job_id);
CREATE FUNCTION keep_credits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER credits_are_kept BEFORE UPDATE OR DELETE ON credit_entries
    FOR EACH ROW EXECUTE FUNCTION keep_credits();
CREATE TRIGGER credits_are_not_emptied BEFORE TRUNCATE ON credit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION keep_credits();

CREATE INDEX jobs_started_by_owner ON jobs (owner)
    WHERE render_started_at IS NOT NULL AND ended_at IS NULL;
