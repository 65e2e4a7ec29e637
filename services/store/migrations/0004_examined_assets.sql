-- What decoding an upload from end to end gave; unusable: why it can't be used after all.
ALTER TABLE assets
    ADD COLUMN examination  jsonb,
    ADD COLUMN unusable     jsonb,
    ADD COLUMN still_keys   text[] NOT NULL DEFAULT '{}',
    ADD COLUMN waveform_key text;
-- Files from before count as examined: nothing reads them again.
UPDATE assets SET examination = jsonb_build_object('facts', facts) WHERE state = 'ready';
