-- Open snapshots are read one by one and soon replaced: decompressing the granule of a snapshot took longer
-- than all the rest of a read by number. Old parts get the codec when they are merged.
ALTER TABLE open_applications{on_cluster}
    MODIFY COLUMN snapshot String COMMENT 'the record''s own bytes' CODEC(LZ4);
