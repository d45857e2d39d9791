-- Open and closed applications apart: what is open is little and changes, what is closed is much and
-- final. A closed application stays among the open ones until a sweep (analytics/src/sweep) has copied
-- it. The sweep counts from the moment at which its row is in `sweeps`: a reader who asks for the latest
-- such row first finds each application in exactly one of the two tables.
-- The former table is set aside first, so that a sink of the version before cannot write into it any more.
RENAME TABLE IF EXISTS applications TO former_applications{on_cluster};

-- What is open, in its latest version, and what no sweep has brought yet. It is small, so it has one
-- partition: with one for each month, a list of a unit would read 25 of them. The key leads with what never
-- changes about an application, so that a havale makes a newer version of the same row.
CREATE TABLE IF NOT EXISTS open_applications{on_cluster}
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
    life          UInt64 COMMENT '0; when it arrived, in ms, if that was more than 30 days after the receipt',
    INDEX by_id id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_no no TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_unit unit TYPE set(64) GRANULARITY 1,
    INDEX by_officer officer TYPE set(256) GRANULARITY 1,
    INDEX by_tckn tckn_index TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_name name_index TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree(version)
ORDER BY (valilik, service, id, life)
SETTINGS index_granularity = 1024, {deduplication};

-- Months that are over are merged into one part each, which is read faster, and without FINAL's work.
ALTER TABLE events{on_cluster}
    MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;


-- One row for each closed application, read without FINAL. What only a detail page needs is in
-- `closed_snapshots`; by whom a person is found, in `closed_people`.
CREATE TABLE IF NOT EXISTS closed_applications{on_cluster}
(
    sweep          UInt32 COMMENT 'which sweep brought it' CODEC(DoubleDelta, LZ4),
    month          UInt32 COMMENT 'of the receipt, YYYYMM in Istanbul' CODEC(DoubleDelta, LZ4),
    partition      Int32,
    offset         Int64 COMMENT 'in ebasvuru.archive',
    id             UUID,
    no             String,
    submission_id  UUID,
    version        UInt64,
    service        LowCardinality(String),
    valilik        UInt8,
    unit           LowCardinality(String),
    phase          LowCardinality(String),
    lapses_at      Nullable(DateTime64(3, 'UTC')),
    due_at         Nullable(DateTime64(3, 'UTC')),
    stage_since    DateTime64(3, 'UTC'),
    officer        LowCardinality(String) COMMENT 'who held it last',
    outcome        LowCardinality(String),
    submitted_at   DateTime64(3, 'UTC'),
    received_at    DateTime64(3, 'UTC'),
    breached_at    Nullable(DateTime64(3, 'UTC')),
    closed_at      DateTime64(3, 'UTC'),
    masked_name    String,
    masked_tckn    String,
    life           UInt64,
    received_on    Date COMMENT 'in Istanbul, as are the other days',
    closed_on      Date,
    breached_on    Nullable(Date),
    hour_of_week   UInt8 COMMENT 'of the receipt, in Istanbul: 0 is Monday 00:00 to 01:00',
    response_hours UInt16 COMMENT 'full hours from receipt to answer; 0 if it was not answered',
    topic          LowCardinality(String) ALIAS 'ebasvuru.archive',
    stage          LowCardinality(String) ALIAS 'closed',
    proposal       LowCardinality(String) ALIAS '',
    INDEX by_officer officer TYPE set(64) GRANULARITY 1,
    INDEX by_closed_at closed_at TYPE minmax GRANULARITY 1
)
ENGINE = {replicated}MergeTree
PARTITION BY month
ORDER BY (unit, received_at, id, life)
SETTINGS index_granularity = 1024, min_age_to_force_merge_seconds = 86400,
    min_age_to_force_merge_on_partition_only = 1, {deduplication};

-- The records of closed applications, by number.
CREATE TABLE IF NOT EXISTS closed_snapshots{on_cluster}
(
    no          String,
    version     UInt64,
    unit        LowCardinality(String),
    received_at DateTime64(3, 'UTC'),
    id          UUID,
    snapshot    String COMMENT 'the record''s own bytes' CODEC(ZSTD(3))
)
ENGINE = {replicated}ReplacingMergeTree(version)
PARTITION BY substring(no, 1, 4)
ORDER BY no
SETTINGS index_granularity = 256, {deduplication};

-- Closed applications by the blind indexes of their applicant. A row may be there twice.
CREATE TABLE IF NOT EXISTS closed_people{on_cluster}
(
    person      String COMMENT 'the blind index of a T.C. Kimlik No or of a word of a name',
    unit        LowCardinality(String),
    received_at DateTime64(3, 'UTC'),
    id          UUID,
    former      Bool COMMENT 'an index of a name as a former version made it'
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY (person, unit, received_at, id, former)
SETTINGS {deduplication};

-- The figures of the closed applications of a month, in cells. A sweep writes those of the months that
-- it touches anew, as another version; its row in `sweeps` says which version of each month counts.
CREATE TABLE IF NOT EXISTS closed_figures{on_cluster}
(
    month          UInt32,
    version        UInt64,
    unit           LowCardinality(String),
    service        LowCardinality(String),
    valilik        UInt8,
    officer        LowCardinality(String),
    total          UInt32,
    positive       UInt32,
    negative       UInt32,
    lapsed         UInt32,
    withdrawn      UInt32,
    overdue        UInt32,
    on_time        UInt32,
    response_hours Array(UInt16) COMMENT 'of each answered one'
)
ENGINE = {replicated}MergeTree
PARTITION BY (month, version)
ORDER BY (unit, service, valilik, officer)
SETTINGS {deduplication};

-- What happened to the closed applications of a month of receipt, by day: when they were received, closed,
-- and answered in time or not. Versions as in `closed_figures`.
CREATE TABLE IF NOT EXISTS closed_days{on_cluster}
(
    month          UInt32,
    version        UInt64,
    day            Date COMMENT 'in Istanbul',
    unit           LowCardinality(String),
    valilik        UInt8,
    received       UInt32,
    closed         UInt32,
    closed_overdue UInt32,
    positive       UInt32,
    negative       UInt32,
    lapsed         UInt32,
    withdrawn      UInt32,
    on_time        UInt32,
    judged         UInt32,
    breached       UInt32,
    response_hours Array(UInt16) COMMENT 'of each that was answered on the day'
)
ENGINE = {replicated}MergeTree
PARTITION BY (month, version)
ORDER BY (day, unit, valilik)
SETTINGS {deduplication};

-- The sweeps: what each is to bring, written before, and that it has brought it, written after.
CREATE TABLE IF NOT EXISTS sweeps{on_cluster}
(
    generation UInt64,
    sweep      UInt32,
    done       Bool,
    at         DateTime64(3, 'UTC'),
    until      Array(Int64) COMMENT 'of each partition of ebasvuru.archive, the offset after the last one brought',
    months     Array(UInt32) COMMENT 'the months with closed applications',
    versions   Array(UInt64) COMMENT 'of each month, the version of its figures and days'
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY (generation, sweep, done)
SETTINGS {deduplication};
