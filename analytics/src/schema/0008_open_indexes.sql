-- A set of at most 64 units is no index of a granule that has more, as a granule of a small part has: lists read
-- all of it. So with officers.
ALTER TABLE open_applications{on_cluster} DROP INDEX IF EXISTS by_unit;
ALTER TABLE open_applications{on_cluster} ADD INDEX IF NOT EXISTS by_unit unit TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE open_applications{on_cluster} MATERIALIZE INDEX by_unit;
ALTER TABLE open_applications{on_cluster} DROP INDEX IF EXISTS by_officer;
ALTER TABLE open_applications{on_cluster} ADD INDEX IF NOT EXISTS by_officer officer TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE open_applications{on_cluster} MATERIALIZE INDEX by_officer;
