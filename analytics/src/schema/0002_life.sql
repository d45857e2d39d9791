-- The same submission may be received a second time after the deduplication horizon (decision 0005),
-- as another application with the same id and, since the receipt is the citizen's confirmation, the
-- same month. `life` keeps its rows apart from those of the first.
ALTER TABLE applications{on_cluster}
    ADD COLUMN IF NOT EXISTS life UInt64 COMMENT '0; when it arrived, in ms, if that was more than 30 days after the receipt',
    MODIFY ORDER BY (valilik, service, id, life);
