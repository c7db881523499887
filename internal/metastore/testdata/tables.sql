-- Druid's tables with its column types and its order of columns, as Druid 33 makes them.
CREATE TABLE druid_segments (
  id VARCHAR(255) NOT NULL, dataSource VARCHAR(255) NOT NULL, created_date VARCHAR(255) NOT NULL,
  start VARCHAR(255) NOT NULL, "end" VARCHAR(255) NOT NULL, partitioned BOOLEAN NOT NULL,
  version VARCHAR(255) NOT NULL, used BOOLEAN NOT NULL, payload BYTEA NOT NULL,
  used_status_last_updated VARCHAR(255), upgraded_from_segment_id VARCHAR(255), PRIMARY KEY (id));
CREATE INDEX idx_druid_segments_datasource_used_end_start ON druid_segments (dataSource, used, "end", start);
CREATE TABLE druid_pendingSegments (
  id VARCHAR(255) NOT NULL, dataSource VARCHAR(255) NOT NULL, created_date VARCHAR(255) NOT NULL,
  start VARCHAR(255) NOT NULL, "end" VARCHAR(255) NOT NULL, sequence_name VARCHAR(255) NOT NULL,
  sequence_prev_id VARCHAR(255) NOT NULL, sequence_name_prev_id_sha1 VARCHAR(255) NOT NULL, payload BYTEA NOT NULL,
  PRIMARY KEY (id), UNIQUE (sequence_name_prev_id_sha1));
CREATE TABLE druid_rules (
  id VARCHAR(255) NOT NULL, dataSource VARCHAR(255) NOT NULL, version VARCHAR(255) NOT NULL, payload BYTEA NOT NULL,
  PRIMARY KEY (id));
CREATE TABLE druid_config (name VARCHAR(255) NOT NULL, payload BYTEA NOT NULL, PRIMARY KEY (name));
CREATE TABLE druid_audit (
  id BIGSERIAL NOT NULL, audit_key VARCHAR(255) NOT NULL, type VARCHAR(255) NOT NULL, author VARCHAR(255) NOT NULL,
  comment VARCHAR(2048) NOT NULL, created_date VARCHAR(255) NOT NULL, payload BYTEA NOT NULL, PRIMARY KEY (id));
CREATE TABLE druid_tasks (
  id VARCHAR(255) NOT NULL, created_date VARCHAR(255) NOT NULL, datasource VARCHAR(255) NOT NULL,
  payload BYTEA NOT NULL, status_payload BYTEA NOT NULL, active BOOLEAN NOT NULL DEFAULT FALSE,
  type VARCHAR(255), group_id VARCHAR(255), PRIMARY KEY (id));
CREATE TABLE druid_tasklocks (
  id BIGSERIAL NOT NULL, task_id VARCHAR(255) DEFAULT NULL, lock_payload BYTEA, PRIMARY KEY (id));
