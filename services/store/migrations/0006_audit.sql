-- What operators changed. subject: what kind of thing, a slash, its id.
CREATE TABLE audit (
    audit_id text PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    who      text NOT NULL,
    action   text NOT NULL,
    subject  text NOT NULL,
    before   jsonb NOT NULL,
    after    jsonb NOT NULL,
    why      text NOT NULL
);
CREATE INDEX audit_by_time ON audit (at DESC, audit_id DESC);
CREATE INDEX audit_by_subject ON audit (subject, at DESC, audit_id DESC);
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION keep_audit();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();

-- rev: the number of the change that made the state what it is, so that of two who change it at
-- once the second one is told.
ALTER TABLE backends ADD COLUMN rev integer NOT NULL DEFAULT 0;
CREATE FUNCTION number_backend_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.rev := OLD.rev + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER backend_changes BEFORE UPDATE OF state, reason, url ON backends
    FOR EACH ROW
    WHEN ((OLD.state, OLD.reason, OLD.url) IS DISTINCT FROM (NEW.state, NEW.reason, NEW.url))
    EXECUTE FUNCTION number_backend_change();

-- priority_due: the priority was changed and the job's workflow was not told.
ALTER TABLE jobs ADD COLUMN priority_due boolean NOT NULL DEFAULT false;
CREATE INDEX jobs_with_priority_due ON jobs (updated_at) WHERE priority_due;

-- Operators search the jobs of all owners.
CREATE INDEX jobs_by_time ON jobs (created_at DESC, job_id DESC);
CREATE INDEX jobs_by_prefix ON jobs (job_id text_pattern_ops);
CREATE INDEX jobs_by_error ON jobs ((error->>'code'), created_at DESC, job_id DESC)
    WHERE error IS NOT NULL;
CREATE INDEX job_texts_by_any_word ON job_texts USING gin (text gin_trgm_ops)
    WITH (fastupdate = off);
