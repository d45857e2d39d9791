-- Every event of applications and users, once. The key ends in the event's id, so that an event
-- written twice in spite of the insert tokens is still one row when merged or read FINAL.
CREATE TABLE IF NOT EXISTS events{on_cluster}
(
    topic             LowCardinality(String),
    partition         Int32,
    offset            Int64 CODEC(Delta, ZSTD(1)),
    aggregate         LowCardinality(String) COMMENT 'application | user',
    application       UUID COMMENT 'all zero for a user''s event',
    user              String COMMENT 'empty for an application''s event',
    seq               UInt64,
    id                UUID,
    type              LowCardinality(String) COMMENT 'name and version, such as claimed.v1',
    kind              LowCardinality(String) COMMENT 'the name alone, proposals told apart',
    at                DateTime64(3, 'UTC'),
    actor_kind        LowCardinality(String),
    actor             LowCardinality(String),
    on_behalf_of      LowCardinality(String),
    command_id        UUID,
    directory_offset  Int64,
    no                String,
    service           LowCardinality(String),
    valilik           UInt8,
    unit              LowCardinality(String),
    phase             LowCardinality(String),
    lapses_at         Nullable(DateTime64(3, 'UTC')),
    due_at            Nullable(DateTime64(3, 'UTC')),
    stage             LowCardinality(String),
    previous_stage    LowCardinality(String),
    previous_stage_ms Int64,
    officer           LowCardinality(String),
    received_at       DateTime64(3, 'UTC') COMMENT 'of the application; a user''s event: when it happened',
    outcome           LowCardinality(String),
    overdue           Bool,
    detail            String COMMENT 'what happened, as JSON' CODEC(ZSTD(3))
)
ENGINE = {replicated}ReplacingMergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (aggregate, application, user, seq, id)
SETTINGS {deduplication};

-- The latest snapshot of every application: worklists, details, reports. The key leads with what
-- never changes about an application, so a havale makes a newer version of the same row and the
-- unit is found by an index; one application is in exactly one unit's list.
CREATE TABLE IF NOT EXISTS applications{on_cluster}
(
    topic         LowCardinality(String),
    partition     Int32,
    offset        Int64,
    id            UUID,
    no            String,
    submission_id UUID,
    version       UInt64,
    service       LowCardinality(String),
    valilik       UInt8,
    unit          LowCardinality(String),
    phase         LowCardinality(String) COMMENT 'pre_application | application',
    lapses_at     Nullable(DateTime64(3, 'UTC')),
    due_at        Nullable(DateTime64(3, 'UTC')),
    stage         LowCardinality(String),
    stage_since   DateTime64(3, 'UTC'),
    officer       LowCardinality(String) COMMENT 'who holds it; of a closed one, who held it last',
    proposal      LowCardinality(String) COMMENT 'answer | rejection | referral, while it awaits approval',
    outcome       LowCardinality(String),
    submitted_at  DateTime64(3, 'UTC'),
    received_at   DateTime64(3, 'UTC'),
    breached_at   Nullable(DateTime64(3, 'UTC')),
    closed_at     Nullable(DateTime64(3, 'UTC')),
    masked_name   String,
    masked_tckn   String,
    tckn_index    String,
    name_index    Array(String),
    snapshot      String COMMENT 'the record''s own bytes' CODEC(ZSTD(3)),
    INDEX by_id id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_no no TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_unit unit TYPE set(64) GRANULARITY 1,
    INDEX by_tckn tckn_index TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_name name_index TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree(version)
PARTITION BY toYYYYMM(received_at)
ORDER BY (valilik, service, id)
SETTINGS index_granularity = 1024, {deduplication};

-- Records that the sink could not read, raw, with the reason: not lost, and not in the way.
CREATE TABLE IF NOT EXISTS sink_rejects{on_cluster}
(
    topic     LowCardinality(String),
    partition Int32,
    offset    Int64,
    at        DateTime64(3, 'UTC') COMMENT 'when the record was appended',
    type      String,
    reason    String,
    key       String,
    value     String CODEC(ZSTD(3))
)
ENGINE = {replicated}ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (topic, partition, offset)
SETTINGS {deduplication};

-- Who opened which personal data, when and why.
CREATE TABLE IF NOT EXISTS access_log{on_cluster}
(
    id          UUID,
    at          DateTime64(3, 'UTC'),
    user        LowCardinality(String),
    application UUID,
    no          String,
    what        LowCardinality(String),
    reason      String
)
ENGINE = {replicated}ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (application, at, id)
SETTINGS {deduplication};

-- How often the read model has been rebuilt: part of every insert token, so that what is sent
-- again after a rebuild is not taken for what was sent before it.
CREATE TABLE IF NOT EXISTS generations{on_cluster}
(
    generation UInt64,
    at         DateTime64(3, 'UTC')
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY generation
SETTINGS {deduplication};
