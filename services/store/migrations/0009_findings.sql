-- findings: what is wrong with a backend, as its watcher sees it. because: the kind of the finding for
-- which the watcher gives it no work; null where people decided.
ALTER TABLE backends ADD COLUMN findings jsonb NOT NULL DEFAULT '[]', ADD COLUMN because text;

-- How the last prompts on a backend ended tells how it is.
CREATE INDEX prompts_by_end ON prompts (backend_id, (COALESCE(settled_at, abandoned_at)));
