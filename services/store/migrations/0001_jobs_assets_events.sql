-- The number of the last event an owner's stream carried. Taking the row's lock before numbering an
-- event makes commit order and number order the same, so a reader that asks for "everything after
-- n" can never miss one.
CREATE TABLE owners (
    owner          text PRIMARY KEY,
    event_position bigint NOT NULL DEFAULT 0
);

CREATE TABLE assets (
    asset_id          text PRIMARY KEY,
    owner             text NOT NULL,
    kind              text NOT NULL,
    state             text NOT NULL DEFAULT 'ingesting' CHECK (state IN ('ingesting', 'ready', 'deleted')),
    original_filename text NOT NULL,
    original_key      text NOT NULL,
    size_bytes        bigint NOT NULL,
    sha256            text NOT NULL,
    facts             jsonb,
    thumbnail_key     text,
    proxy_key         text,
    warnings          jsonb NOT NULL DEFAULT '[]',
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX assets_by_owner ON assets (owner, created_at DESC, asset_id DESC) WHERE state = 'ready';

CREATE TABLE jobs (
    job_id              text PRIMARY KEY,
    owner               text NOT NULL,
    mode                text NOT NULL,
    template            jsonb NOT NULL,
    request             jsonb NOT NULL,
    settings            jsonb NOT NULL,
    seed                bigint NOT NULL,
    priority            smallint NOT NULL,
    status              text NOT NULL,
    stage               text NOT NULL,
    progress            double precision NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
    rev                 integer NOT NULL DEFAULT 0,
    eta                 jsonb,
    error               jsonb,
    cause               text,
    prompt_id           text,
    backend_id          text,
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    queued_at           timestamptz,
    executing_at        timestamptz,
    ended_at            timestamptz,
    render_started_at   timestamptz,
    cancel_requested_at timestamptz,
    cancel_sent_at      timestamptz
);
CREATE INDEX jobs_by_owner ON jobs (owner, created_at DESC, job_id DESC);
CREATE INDEX jobs_in_line ON jobs (priority, queued_at) WHERE status = 'queued';
CREATE INDEX jobs_to_start ON jobs (created_at) WHERE render_started_at IS NULL AND ended_at IS NULL;
CREATE INDEX jobs_to_cancel ON jobs (cancel_requested_at)
    WHERE cancel_requested_at IS NOT NULL AND cancel_sent_at IS NULL AND ended_at IS NULL;

CREATE TABLE job_assets (
    job_id   text NOT NULL REFERENCES jobs,
    asset_id text NOT NULL REFERENCES assets,
    PRIMARY KEY (job_id, asset_id)
);
CREATE INDEX job_assets_by_asset ON job_assets (asset_id);

-- `key` names the change; the same change recorded twice is one event.
CREATE TABLE events (
    job_id     text NOT NULL REFERENCES jobs,
    rev        integer NOT NULL,
    owner      text NOT NULL,
    position   bigint NOT NULL,
    key        text NOT NULL,
    type       text NOT NULL,
    status     text NOT NULL,
    stage      text NOT NULL,
    progress   double precision NOT NULL,
    eta        jsonb,
    error      jsonb,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (job_id, rev),
    UNIQUE (owner, position),
    UNIQUE (job_id, key)
);

CREATE TABLE outputs (
    output_id   text PRIMARY KEY,
    job_id      text NOT NULL UNIQUE REFERENCES jobs,
    duration_s  double precision NOT NULL,
    width       integer NOT NULL,
    height      integer NOT NULL,
    fps         text NOT NULL,
    frame_count integer NOT NULL,
    has_audio   boolean NOT NULL,
    simulated   boolean NOT NULL,
    files       jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE idempotency_keys (
    owner       text NOT NULL,
    key         text NOT NULL,
    body_sha256 text NOT NULL,
    job_id      text NOT NULL REFERENCES jobs,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (owner, key)
);
