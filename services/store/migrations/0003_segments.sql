-- A prompt's outputs that are stored and whole: of a segment, or (segment -1) of what all segments
-- share. lost_at: its files were found missing or damaged, so it counts no more. taken_from: the
-- job that made it, where another one started from there.
CREATE TABLE checkpoints (
    job_id      text NOT NULL REFERENCES jobs,
    segment     integer NOT NULL,
    generation  integer NOT NULL,
    prompt_id   text NOT NULL,
    backend_id  text NOT NULL,
    template_id text NOT NULL,
    size        text NOT NULL,
    steps       integer NOT NULL,
    length      integer NOT NULL,
    seed        bigint NOT NULL,
    frames      integer NOT NULL,
    files       jsonb NOT NULL,
    submitted   jsonb NOT NULL,
    outcome     jsonb NOT NULL,
    render_s    double precision,
    look        jsonb,
    drift       jsonb,
    lost_at     timestamptz,
    taken_from  text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (job_id, segment, generation)
);
-- How long segments alike took lately, which is what remaining times are learned from.
CREATE INDEX checkpoints_alike ON checkpoints (template_id, size, steps, created_at DESC)
    WHERE segment >= 0 AND render_s IS NOT NULL AND taken_from IS NULL;
CREATE INDEX checkpoints_by_time ON checkpoints (created_at DESC) WHERE taken_from IS NULL;

-- run: how often the job was started, retries included. plan: what its workflow works by. growing:
-- the video of the segments that are done. deciding: it waits for its owner's word. wish: what the
-- owner wants of the running workflow, and whether it was told.
ALTER TABLE jobs
    ADD COLUMN run integer NOT NULL DEFAULT 1,
    ADD COLUMN frame_count integer NOT NULL DEFAULT 0,
    ADD COLUMN plan jsonb,
    ADD COLUMN segment_count integer NOT NULL DEFAULT 1,
    ADD COLUMN segments_done integer NOT NULL DEFAULT 0,
    ADD COLUMN growing jsonb,
    ADD COLUMN warnings jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN deciding boolean NOT NULL DEFAULT false,
    ADD COLUMN origin jsonb,
    ADD COLUMN wish text,
    ADD COLUMN wish_sent_at timestamptz;
CREATE INDEX jobs_with_wish ON jobs (updated_at)
    WHERE wish IS NOT NULL AND wish_sent_at IS NULL AND ended_at IS NULL;

ALTER TABLE events
    ADD COLUMN segment_count integer NOT NULL DEFAULT 1,
    ADD COLUMN segments_done integer NOT NULL DEFAULT 0;

ALTER TABLE outputs ADD COLUMN stopped_early boolean NOT NULL DEFAULT false;
