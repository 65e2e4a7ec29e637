-- Who may sign in. owner: the id that jobs and files carry. issuer, subject: of the identity
-- provider that vouches for the person; those without sign in by token or link.
CREATE TABLE users (
    owner       text PRIMARY KEY,
    name        text NOT NULL,
    email       text,
    role        text NOT NULL CHECK (role IN ('creator', 'operator', 'service')),
    issuer      text,
    subject     text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at     timestamptz,
    disabled_at timestamptz,
    UNIQUE (issuer, subject)
);

-- secret_hash: sha256 of a random text that only its bearer has.
CREATE TABLE sessions (
    session_id  text PRIMARY KEY,
    owner       text NOT NULL REFERENCES users,
    secret_hash bytea NOT NULL UNIQUE,
    browser     text NOT NULL,
    address     text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz
);
CREATE INDEX sessions_by_owner ON sessions (owner, created_at DESC);

CREATE TABLE tokens (
    token_id     text PRIMARY KEY,
    owner        text NOT NULL REFERENCES users,
    name         text NOT NULL,
    secret_hash  bytea NOT NULL UNIQUE,
    hint         text NOT NULL,
    scopes       text[] NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by   text NOT NULL,
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX tokens_by_owner ON tokens (owner, created_at DESC);

CREATE TABLE sign_in_links (
    secret_hash bytea PRIMARY KEY,
    owner       text NOT NULL REFERENCES users,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);

-- address: the IP address a change was asked for from. via: the session or token that asked.
ALTER TABLE audit ADD COLUMN address text, ADD COLUMN via text;
