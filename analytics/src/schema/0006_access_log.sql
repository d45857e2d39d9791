-- Where a row comes from. Those of earlier versions have no topic: they were written here alone.
ALTER TABLE access_log{on_cluster}
    ADD COLUMN IF NOT EXISTS topic LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS partition Int32 DEFAULT -1,
    ADD COLUMN IF NOT EXISTS offset Int64 DEFAULT -1,
    ADD INDEX IF NOT EXISTS by_offset offset TYPE minmax GRANULARITY 1;

-- Rows outlive their records, which the topic keeps for ten years and then removes a week at a time.
ALTER TABLE access_log{on_cluster} MODIFY SETTING ttl_only_drop_parts = 1;
ALTER TABLE access_log{on_cluster} MODIFY TTL toDateTime(at) + toIntervalDay(3700);
