DROP TABLE IF EXISTS former_applications{on_cluster};

-- Every application once, for those who ask ClickHouse themselves. The product does not use it.
CREATE OR REPLACE VIEW applications{on_cluster} AS
WITH
    (SELECT max(generation) FROM generations) AS generation_now,
    (SELECT argMax((until, sweep), sweep) FROM sweeps WHERE done AND generation = generation_now) AS swept
SELECT topic, partition, offset, id, no, submission_id, version, service, valilik, unit, phase, lapses_at,
    due_at, stage, stage_since, officer, proposal, outcome, submitted_at, received_at, breached_at,
    closed_at, masked_name, masked_tckn, life
FROM open_applications FINAL
WHERE NOT (topic = 'ebasvuru.archive' AND offset < arrayElement(swept.1, partition + 1))
UNION ALL
SELECT topic, partition, offset, id, no, submission_id, version, service, valilik, unit, phase, lapses_at,
    due_at, stage, stage_since, officer, proposal, outcome, submitted_at, received_at, breached_at,
    closed_at, masked_name, masked_tckn, life
FROM closed_applications
WHERE sweep > generation_now * 1000000 AND sweep <= swept.2;
