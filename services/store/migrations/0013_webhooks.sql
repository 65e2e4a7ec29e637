-- Addresses that are told of an owner's jobs. secret, old_secret: encrypted. gave_up: the last
-- message was given up, and nothing was delivered since. wakes: how often there was something to
-- tell, of which woken are known to its workflow.
CREATE TABLE webhooks (
    webhook_id       text PRIMARY KEY,
    owner            text NOT NULL,
    url              text NOT NULL,
    description      text NOT NULL,
    events           text[] NOT NULL,
    secret           bytea NOT NULL,
    old_secret       bytea,
    old_secret_until timestamptz,
    disabled_at      timestamptz,
    reason           text,
    gave_up          boolean NOT NULL DEFAULT false,
    delivered_at     timestamptz,
    failed_at        timestamptz,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    wakes            bigint NOT NULL DEFAULT 0,
    woken            bigint NOT NULL DEFAULT 0,
    woken_at         timestamptz
);
CREATE INDEX webhooks_by_owner ON webhooks (owner, created_at DESC, webhook_id DESC);
CREATE INDEX webhooks_by_time ON webhooks (created_at DESC, webhook_id DESC);
CREATE INDEX webhooks_to_wake ON webhooks (webhook_id) WHERE wakes > woken;

-- Messages to them, written with the event they tell. body: as every try sends it. position: the
-- order they are sent in. tries: since it waits. attempts: DeliveryAttempt.
CREATE TABLE webhook_deliveries (
    delivery_id text PRIMARY KEY,
    webhook_id  text NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    message_id  text NOT NULL,
    event       text NOT NULL,
    job_id      text,
    body        text NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
    position    bigint GENERATED ALWAYS AS IDENTITY,
    tries       integer NOT NULL DEFAULT 0,
    attempts    jsonb NOT NULL DEFAULT '[]',
    next_try_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at    timestamptz
);
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (webhook_id, position)
    WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_by_time
    ON webhook_deliveries (webhook_id, created_at DESC, delivery_id DESC);
