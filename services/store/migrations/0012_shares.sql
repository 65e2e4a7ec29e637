-- Links by which a video is seen without signing in. secret_hash: sha256 of a random text that only
-- who has the link has.
CREATE TABLE shares (
    share_id       text PRIMARY KEY,
    job_id         text NOT NULL REFERENCES jobs ON DELETE CASCADE,
    owner          text NOT NULL,
    secret_hash    bytea NOT NULL UNIQUE,
    hint           text NOT NULL,
    show_prompt    boolean NOT NULL,
    show_inputs    boolean NOT NULL,
    allow_download boolean NOT NULL,
    created_by     text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at     timestamptz,
    revoked_at     timestamptz,
    views          bigint NOT NULL DEFAULT 0,
    viewed_at      timestamptz
);
CREATE INDEX shares_by_owner ON shares (owner, created_at DESC, share_id DESC);
CREATE INDEX shares_by_time ON shares (created_at DESC, share_id DESC);
CREATE INDEX shares_by_job ON shares (job_id, created_at DESC);

-- A video that is shared is kept, whatever its age.
CREATE VIEW shared_jobs AS
    SELECT DISTINCT job_id FROM shares
    WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp());
