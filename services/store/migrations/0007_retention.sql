-- What must stay whatever its age, for every rule of the retention: what lives on what. A prompt
-- that is not settled may still write for its job.
CREATE VIEW needed_jobs AS
    SELECT job_id FROM jobs WHERE status NOT IN ('completed', 'failed', 'cancelled')
    UNION
    SELECT job_id FROM prompts WHERE settled_at IS NULL;
CREATE VIEW needed_assets AS
    SELECT DISTINCT asset_id FROM job_assets JOIN needed_jobs USING (job_id);
CREATE VIEW needed_inputs AS
    SELECT DISTINCT sha256 FROM assets JOIN needed_assets USING (asset_id);

-- days: instead of the setting for all; 0 keeps for ever.
CREATE TABLE retention_overrides (
    owner text NOT NULL,
    rule  text NOT NULL CHECK (rule IN ('inputs', 'unused_uploads', 'uploads', 'outputs', 'parts')),
    days  double precision NOT NULL CHECK (days >= 0),
    PRIMARY KEY (owner, rule)
);
-- When something of an owner that was last used at `since` may go.
CREATE FUNCTION retention_end(
    since timestamptz, of_owner text, by_rule text, default_days double precision
) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN chosen.days = 0 THEN 'infinity' ELSE since + chosen.days * interval '1 day' END
    FROM (
        SELECT COALESCE(
            (SELECT days FROM retention_overrides WHERE owner = of_owner AND rule = by_rule),
            default_days
        ) AS days
    ) AS chosen
$$;

-- seen_at: when its workflow last worked at it. One run at a time removes.
CREATE TABLE retention_runs (
    run_id     text PRIMARY KEY,
    who        text NOT NULL,
    why        text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at   timestamptz
);
CREATE INDEX retention_runs_by_time ON retention_runs (started_at DESC);

-- What goes, noted before any of it does. files: its objects, until they are gone.
CREATE TABLE retention_marks (
    rule       text NOT NULL,
    subject    text NOT NULL,
    run_id     text NOT NULL REFERENCES retention_runs,
    owner      text,
    files      jsonb NOT NULL,
    examples   text[] NOT NULL,
    objects    bigint NOT NULL,
    size_bytes bigint NOT NULL,
    marked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at    timestamptz,
    PRIMARY KEY (run_id, rule, subject)
);
CREATE INDEX retention_marks_open ON retention_marks (marked_at) WHERE done_at IS NULL;

-- What the bucket held at the end of a run. owner: null where it is nobody's own.
CREATE TABLE storage_totals (
    run_id     text NOT NULL REFERENCES retention_runs ON DELETE CASCADE,
    kind       text NOT NULL,
    owner      text,
    age        text NOT NULL,
    objects    bigint NOT NULL,
    size_bytes bigint NOT NULL
);
CREATE INDEX storage_totals_by_run ON storage_totals (run_id);

-- parts_purged_at: what the job was made of is gone; only its result is left, if it has one.
ALTER TABLE jobs ADD COLUMN parts_purged_at timestamptz;
CREATE INDEX jobs_with_parts ON jobs (job_id) WHERE ended_at IS NOT NULL AND parts_purged_at IS NULL;
CREATE INDEX assets_by_content ON assets (sha256);

-- Normalised inputs are shared by all files of the same content, later ones too, so no row stands
-- for them. Who begins to use them takes their lock shared, who removes them exclusively: a job
-- is either seen by the remover, or begins when they are gone and makes them anew.
CREATE FUNCTION inputs_lock(sha256 text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended('inputs/' || sha256, 0)
$$;
CREATE FUNCTION hold_inputs_of_asset() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(inputs_lock(sha256))
    FROM assets WHERE asset_id = NEW.asset_id;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_inputs BEFORE INSERT ON job_assets
    FOR EACH ROW EXECUTE FUNCTION hold_inputs_of_asset();
CREATE FUNCTION hold_inputs_of_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(lock)
    FROM (
        SELECT DISTINCT inputs_lock(sha256) AS lock FROM job_assets JOIN assets USING (asset_id)
        WHERE job_id = NEW.job_id ORDER BY lock
    ) AS locks;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_inputs_again BEFORE UPDATE OF status ON jobs
    FOR EACH ROW
    WHEN (OLD.status IN ('failed', 'cancelled', 'completed')
          AND NEW.status NOT IN ('failed', 'cancelled', 'completed'))
    EXECUTE FUNCTION hold_inputs_of_job();
