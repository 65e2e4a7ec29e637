-- steps_forgotten_at: when the events went that only tell how far the job was. A retry adds new ones.
ALTER TABLE jobs ADD COLUMN steps_forgotten_at timestamptz;
CREATE INDEX jobs_with_steps ON jobs (ended_at)
    WHERE ended_at IS NOT NULL
        AND (steps_forgotten_at IS NULL OR steps_forgotten_at < ended_at);

CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sign_in_links_by_expiry ON sign_in_links (expires_at);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);
CREATE INDEX request_rates_by_time ON request_rates (due_at);
