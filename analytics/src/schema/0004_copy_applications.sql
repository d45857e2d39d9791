-- Once for each month of the former table. What is copied twice, after an interruption, counts once.
INSERT INTO open_applications (topic, partition, offset, id, no, submission_id, version, service, valilik, unit, phase, lapses_at, due_at, stage,
    stage_since, officer, proposal, outcome, submitted_at, received_at, breached_at, closed_at, masked_name,
    masked_tckn, tckn_index, name_index, snapshot, life)
SELECT topic, partition, offset, id, no, submission_id, version, service, valilik, unit, phase, lapses_at, due_at, stage,
    stage_since, officer, proposal, outcome, submitted_at, received_at, breached_at, closed_at, masked_name,
    masked_tckn, tckn_index, name_index, snapshot, life
FROM former_applications WHERE toYYYYMM(received_at) = {month};
