-- FINAL compares the rows of all parts: 570,000 open applications take 73 ms in four, 28 in one. So what is an hour
-- old becomes one part; by itself ClickHouse keeps several large ones. It happens once an hour at most, because
-- the new part is not an hour old.
ALTER TABLE open_applications{on_cluster} MODIFY SETTING min_age_to_force_merge_seconds = 3600;
