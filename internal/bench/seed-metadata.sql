-- Run by seed-metadata; the variables are its options. Everything is computed in the server.
SET timezone = 'UTC';
SET client_min_messages = warning;
SET work_mem = '256MB';
SET maintenance_work_mem = '512MB';
SET synchronous_commit = off;
SET jit = off;

\set seg  :base _segments
\set rul  :base _rules
\set cfg  :base _config
\set aud  :base _audit
\set dsc  :base _datasource
\set pen  :base _pendingsegments
\set upg  :base _upgradesegments
\set tsk  :base _tasks
\set lck  :base _tasklocks
\set sup  :base _supervisors

BEGIN;
\if :replace
DROP TABLE IF EXISTS :seg, :rul, :cfg, :aud, :dsc, :pen, :upg, :tsk, :lck, :sup;
\endif

-- 1. Tables, columns in the order in which Druid creates them.
CREATE :unlogged TABLE :seg (
  id VARCHAR(255) NOT NULL, dataSource VARCHAR(255) NOT NULL, created_date VARCHAR(255) NOT NULL,
  start VARCHAR(255) NOT NULL, "end" VARCHAR(255) NOT NULL, partitioned BOOLEAN NOT NULL,
  version VARCHAR(255) NOT NULL, used BOOLEAN NOT NULL, payload BYTEA NOT NULL,
  used_status_last_updated VARCHAR(255), upgraded_from_segment_id VARCHAR(255));
\if :new
ALTER TABLE :seg ADD COLUMN indexing_state_fingerprint VARCHAR(255);
\endif
CREATE :unlogged TABLE :pen (
  id VARCHAR(255) NOT NULL, dataSource VARCHAR(255) NOT NULL, created_date VARCHAR(255) NOT NULL,
  start VARCHAR(255) NOT NULL, "end" VARCHAR(255) NOT NULL, sequence_name VARCHAR(255) NOT NULL,
  sequence_prev_id VARCHAR(255) NOT NULL, sequence_name_prev_id_sha1 VARCHAR(255) NOT NULL, payload BYTEA NOT NULL,
  upgraded_from_segment_id VARCHAR(255), task_allocator_id VARCHAR(255),
  PRIMARY KEY (id), UNIQUE (sequence_name_prev_id_sha1));
CREATE :unlogged TABLE :dsc (
  dataSource VARCHAR(255) NOT NULL, created_date VARCHAR(255) NOT NULL, commit_metadata_payload BYTEA NOT NULL,
  commit_metadata_sha1 VARCHAR(255) NOT NULL, PRIMARY KEY (dataSource));
CREATE :unlogged TABLE :rul (
  id VARCHAR(255) NOT NULL, dataSource VARCHAR(255) NOT NULL, version VARCHAR(255) NOT NULL, payload BYTEA NOT NULL,
  PRIMARY KEY (id));
CREATE :unlogged TABLE :cfg (name VARCHAR(255) NOT NULL, payload BYTEA NOT NULL, PRIMARY KEY (name));
CREATE :unlogged TABLE :aud (
  id BIGSERIAL NOT NULL, audit_key VARCHAR(255) NOT NULL, type VARCHAR(255) NOT NULL, author VARCHAR(255) NOT NULL,
  comment VARCHAR(2048) NOT NULL, created_date VARCHAR(255) NOT NULL, payload BYTEA NOT NULL, PRIMARY KEY (id));
CREATE :unlogged TABLE :upg (
  id BIGSERIAL NOT NULL, task_id VARCHAR(255) NOT NULL, segment_id VARCHAR(255) NOT NULL,
  lock_version VARCHAR(255) NOT NULL, PRIMARY KEY (id));
CREATE :unlogged TABLE :tsk (
  id VARCHAR(255) NOT NULL, created_date VARCHAR(255) NOT NULL, datasource VARCHAR(255) NOT NULL,
  payload BYTEA NOT NULL, status_payload BYTEA NOT NULL, active BOOLEAN NOT NULL DEFAULT FALSE,
  type VARCHAR(255), group_id VARCHAR(255), PRIMARY KEY (id));
CREATE :unlogged TABLE :lck (
  id BIGSERIAL NOT NULL, task_id VARCHAR(255) DEFAULT NULL, lock_payload BYTEA, PRIMARY KEY (id));
CREATE :unlogged TABLE :sup (
  id BIGSERIAL NOT NULL, spec_id VARCHAR(255) NOT NULL, created_date VARCHAR(255) NOT NULL, payload BYTEA NOT NULL,
  PRIMARY KEY (id));

-- 2. Helpers: a hash to 0..9999 and Druid's text form of an instant.
CREATE FUNCTION pg_temp.h(a bigint, salt bigint) RETURNS int IMMUTABLE LANGUAGE sql AS
  'SELECT ((hashint8extended(a, salt) & 9223372036854775807) % 10000)::int';
CREATE FUNCTION pg_temp.z(t timestamp) RETURNS text IMMUTABLE LANGUAGE sql AS
  'SELECT to_char(t, ''YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'')';

-- 3. Datasources.
CREATE TEMP TABLE ds AS
WITH w AS (SELECT i, power(i, -(:skew)::float8) AS w FROM generate_series(1, :ds) i),
     c AS (SELECT i, greatest(1, floor(:rows * w / sum(w) OVER ()))::bigint AS n FROM w),
     p AS (SELECT i, CASE WHEN i = 1 THEN n + :rows - sum(n) OVER () ELSE n END AS n,
             CASE WHEN i <= greatest(1, :ds / 100) THEN :maxpart
                  WHEN pg_temp.h(i, 5) < 5000 THEN 1 ELSE 1 + pg_temp.h(i, 6) % :maxpart END AS np FROM c)
SELECT i, n, np,
  (ARRAY['ads','Billing','checkout','edge','fraud','iot','mobile','ops','Search','web'])[1 + pg_temp.h(i, 1) % 10]
  || (ARRAY['_','-','.'])[1 + pg_temp.h(i, 2) / 4500]
  || (ARRAY['clicks','events','metrics','sessions','page_views','sensor_readings','Requests','errors_by_region'])[1 + pg_temp.h(i, 3) % 8]
  || '_' || lpad(i::text, 5, '0') AS name,
  -- more rows than four years of days hold: hours
  pg_temp.h(i, 4) < :hour * 10000 OR n > 1460 * np * (1 + 1.5 * :superseded) AS hourly,
  pg_temp.h(i, 7) < :compacted * 10000 AS compacts,
  pg_temp.h(i, 8) AS rulekind,
  pg_temp.h(i, 9) < :s3 * 10000 AS s3,
  (SELECT string_agg((ARRAY['channel','cityName','comment','country_iso_code','regionName','user_id','device_type',
      'page','is_robot','namespace','os_version','referrer','campaign','app_version'])[1 + (k + i) % 14]
      || CASE WHEN k >= 14 THEN '_' || k ELSE '' END, ',') FROM generate_series(0, :dims - 1) k) AS dims,
  (SELECT string_agg((ARRAY['count','added','deleted','revenue_sum','latency_ms_max','user_unique'])[1 + (k + i) % 6]
      || CASE WHEN k >= 6 THEN '_' || k ELSE '' END, ',') FROM generate_series(0, :mets - 1) k) AS mets
FROM p;

-- 4. Intervals ("chunks"), newest first, until the datasource has its rows. k = age in granules.
CREATE TEMP TABLE chunk AS
WITH g AS (
  SELECT i, n, k, i::bigint * 10000000 + k AS cid, hourly, compacts, np AS npd,
    CASE WHEN hourly THEN (:'now')::timestamp - make_interval(hours => k + 1)
         ELSE (:'now')::timestamp - make_interval(days => k + 1) END AS s,
    np - CASE WHEN np > 1 THEN pg_temp.h(i::bigint * 10000000 + k, 11) % 2 ELSE 0 END AS np,
    1 + CASE WHEN k > 72 OR (NOT hourly AND k > 3)
             THEN CASE WHEN pg_temp.h(i::bigint * 10000000 + k, 12) < :superseded * 10000
                       THEN 1 + pg_temp.h(i::bigint * 10000000 + k, 13) % 2 ELSE 0 END ELSE 0 END AS nv
  FROM ds, generate_series(0, ceil(1.3 * n / greatest(1, np - 0.5))::int + 8) k),
m AS (
  SELECT *, CASE WHEN compacts AND NOT hourly AND extract(day FROM s) = 1
                  AND s + interval '1 month' <= (:'now')::timestamp - interval '60 days' THEN npd ELSE 0 END AS mrows FROM g),
o AS (
  SELECT *, sum(mrows + np * nv) OVER (PARTITION BY i ORDER BY k) - (mrows + np * nv) AS off FROM m)
SELECT i, k, cid, s, np, nv, mrows, least(mrows + np * nv, n - off)::int AS cnt FROM o WHERE off < n;
ANALYZE chunk;

CREATE TEMP TABLE dsx AS
SELECT d.*, x.oldest, x.days,
  -- keep: days that the rule in force keeps; held: days after which the former rule dropped. NULL: nothing is ever dropped.
  CASE WHEN x.days >= 8 AND d.rulekind < 8500 THEN greatest(2, floor(x.days * (1 - :dropped - :due)))::int END AS keep,
  CASE WHEN x.days >= 8 AND d.rulekind < 8500 THEN greatest(3, floor(x.days * (1 - :dropped)))::int END AS held
FROM ds d JOIN (SELECT i, min(s) AS oldest, extract(day FROM (:'now')::timestamp - min(s))::int AS days FROM chunk GROUP BY i) x USING (i);
ANALYZE dsx;

-- 5. Segments, written in the order in which a live store would have last written each row.
INSERT INTO :seg (id, dataSource, created_date, start, "end", partitioned, version, used, payload, used_status_last_updated)
SELECT ds || '_' || ts || '_' || te || '_' || tv || CASE WHEN part > 0 THEN '_' || part ELSE '' END,
  ds, pg_temp.z(created), ts, te, true, tv, used,
  convert_to('{"dataSource":"' || ds || '","interval":"' || ts || '/' || te || '","version":"' || tv || '","loadSpec":'
    || CASE WHEN s3 THEN '{"type":"s3_zip","bucket":"example-druid-deep-storage","key":"druid/segments/' || ds || '/' || ts || '_' || te
                      || '/' || tv || '/' || part || '/index.zip","S3Schema":"s3n"}'
            ELSE '{"type":"local","path":"/var/druid/segments/' || ds || '/' || ts || '_' || te || '/' || tv || '/' || part || '/index/"}' END
    || ',"dimensions":"' || dims || '","metrics":"' || mets
    || '","shardSpec":{"type":"numbered","partitionNum":' || part || ',"partitions":' || parts || '}'
    || CASE WHEN month THEN ',"lastCompactionState":{"partitionsSpec":{"type":"dynamic","maxRowsPerSegment":5000000,"maxTotalRows":null},'
         || '"dimensionsSpec":null,"metricsSpec":null,"transformSpec":null,"indexSpec":{"bitmap":{"type":"roaring"},"dimensionCompression":"lz4",'
         || '"stringDictionaryEncoding":{"type":"utf8"},"metricCompression":"lz4","longEncoding":"longs"},"granularitySpec":{"type":"uniform",'
         || '"segmentGranularity":"MONTH","queryGranularity":"HOUR","rollup":true,"intervals":[]},"projections":null}' ELSE '' END
    || ',"binaryVersion":9,"size":' || size || ',"identifier":"' || ds || '_' || ts || '_' || te || '_' || tv
    || CASE WHEN part > 0 THEN '_' || part ELSE '' END || '"}', 'UTF8'),
  CASE WHEN NOT nulls THEN pg_temp.z(usuls) END
FROM (
  SELECT q.name AS ds, pg_temp.z(q.s) AS ts, pg_temp.z(q.e) AS te, pg_temp.z(q.ver) AS tv, part, parts, month, used, created, usuls,
    NOT used AND pg_temp.h(rid, 21) < :nullstatus * 10000 AS nulls, s3, dims, mets,
    CASE WHEN month THEN 200000000 ELSE 2000000 END + (hashint8extended(rid, 22) & 268435455) AS size
  FROM (
    SELECT r.*, least(
      CASE WHEN used THEN created
           WHEN reason = 'dropped' THEN e + make_interval(days => held, mins => 31, secs => (pg_temp.h(cid, 23) / 1000.0))
           WHEN reason = 'superseded' THEN nextver + interval '20 minutes'
           WHEN reason = 'compacted' THEN date_trunc('month', s) + interval '1 month 60 days 20 minutes'
           ELSE created + ((:'now')::timestamp - created) * (pg_temp.h(rid, 24) / 10000.0) END,
      (:'now')::timestamp - interval '1 minute') AS usuls
    FROM (
      SELECT p.*, reason = 'used' OR (reason IN ('superseded', 'compacted') AND pg_temp.h(rid, 25) < :shadowed * 10000) AS used,
        least(ver + make_interval(secs => part * 2.5 + pg_temp.h(rid, 26) / 10000.0), (:'now')::timestamp - interval '2 minutes') AS created
      FROM (
        SELECT d.name, d.s3, d.dims, d.mets, d.held, b.cid, b.rid, b.s, b.e, b.month, b.part, b.parts, b.ver, b.nextver,
          CASE WHEN b.month THEN CASE WHEN (:'now')::timestamp - b.e >= make_interval(days => d.held) THEN 'dropped' ELSE 'used' END
               WHEN b.vrank > 0 THEN 'superseded'
               WHEN d.compacts AND NOT d.hourly AND date_trunc('month', b.s) >= d.oldest
                    AND date_trunc('month', b.s) + interval '1 month' <= (:'now')::timestamp - interval '60 days' THEN 'compacted'
               WHEN (:'now')::timestamp - b.e >= make_interval(days => d.held) THEN 'dropped'
               WHEN pg_temp.h(b.cid, 27) < :unexplained * 10000 AND b.k > 0 THEN 'unexplained'
               ELSE 'used' END AS reason
        FROM (
          SELECT a.i, a.k, a.cid, a.rid, a.month, a.vrank, a.part, a.parts, a.s, a.e,
            CASE WHEN a.month THEN a.e + interval '60 days' ELSE a.e + make_interval(mins => -30, hours => 26 * (a.nv - 1 - a.vrank)) END
              + make_interval(secs => pg_temp.h(a.cid, 28) / 100.0) AS ver,
            a.e + make_interval(mins => -30, hours => 26 * (a.nv - a.vrank)) AS nextver
          FROM (
            SELECT c.i, c.k, c.cid, c.cid * 64 + j AS rid, c.nv, j < c.mrows AS month,
              c.s, CASE WHEN j < c.mrows THEN c.s + interval '1 month' WHEN d0.hourly THEN c.s + interval '1 hour' ELSE c.s + interval '1 day' END AS e,
              CASE WHEN j < c.mrows THEN 0 ELSE (j - c.mrows) / c.np END AS vrank,
              CASE WHEN j < c.mrows THEN j ELSE (j - c.mrows) % c.np END AS part,
              CASE WHEN j < c.mrows THEN least(c.mrows, c.cnt) ELSE least(c.np, c.cnt - c.mrows - ((j - c.mrows) / c.np) * c.np) END AS parts
            FROM chunk c JOIN ds d0 USING (i) CROSS JOIN LATERAL generate_series(0, c.cnt - 1) j
          ) a
        ) b JOIN dsx d USING (i)
        OFFSET 0
      ) p OFFSET 0
    ) r OFFSET 0
  ) q ORDER BY usuls, rid OFFSET 0
) t;

-- 6. Rules: every list is written anew on each change, old versions stay.
INSERT INTO :rul
SELECT k || '_' || v, k, v, convert_to(p, 'UTF8') FROM (
  SELECT '_default' AS k, pg_temp.z((:'now')::timestamp - interval '3 years') AS v,
         '[{"tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true,"type":"loadForever"}]' AS p
  UNION ALL
  SELECT name, pg_temp.z((:'now')::timestamp - make_interval(days => 20 + 200 * age, secs => pg_temp.h(i, 31) / 100.0)),
    CASE WHEN keep IS NULL THEN '[{"tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true,"type":"loadForever"}]'
         WHEN rulekind < 5500 THEN '[{"tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true,"period":"P' || d || 'D","includeFuture":true,"type":"loadByPeriod"},{"type":"dropForever"}]'
         WHEN rulekind < 7000 THEN '[{"period":"P' || d || 'D","type":"dropBeforeByPeriod"},{"tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true,"type":"loadForever"}]'
         ELSE '[{"tieredReplicants":{"hot":2,"_default_tier":1},"useDefaultTierForNull":true,"period":"P' || greatest(1, d / 10) || 'D","includeFuture":true,"type":"loadByPeriod"},'
           || '{"tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true,"period":"P' || d || 'D","includeFuture":true,"type":"loadByPeriod"},{"type":"dropForever"}]' END
  FROM dsx, generate_series(0, 2) age, LATERAL (SELECT CASE WHEN age = 0 THEN keep ELSE held END AS d) x
  WHERE (keep IS NOT NULL OR rulekind >= 9500) AND age <= pg_temp.h(i, 32) % 3) r;

INSERT INTO :aud (audit_key, type, author, comment, created_date, payload)
SELECT dataSource, 'rules', 'console', '', version,
  convert_to('{"key":"' || dataSource || '","type":"rules","auditInfo":{"author":"console","identity":"admin","comment":"","ip":"192.0.2.10"},"request":null,"payload":'
    || to_json(convert_from(payload, 'UTF8'))::text || ',"auditTime":"' || version || '"}', 'UTF8') FROM :rul;
INSERT INTO :cfg VALUES
  ('coordinator.config', convert_to('{"millisToWaitBeforeDeleting":900000,"killDataSourceWhitelist":[],"killTaskSlotRatio":0.1,"maxKillTaskSlots":2147483647,"pauseCoordination":false}', 'UTF8')),
  ('coordinator.compaction.config', (SELECT convert_to('{"compactionConfigs":[' || coalesce(string_agg('{"dataSource":"' || name
    || '","skipOffsetFromLatest":"P60D","granularitySpec":{"segmentGranularity":"MONTH"}}', ','), '') || '],"compactionTaskSlotRatio":0.1,"maxCompactionTaskSlots":2147483647}', 'UTF8')
    FROM ds WHERE compacts AND NOT hourly));
INSERT INTO :dsc SELECT name, pg_temp.z((:'now')::timestamp), convert_to('{"type":"kafka","partitions":{"type":"end","stream":"' || name
    || '","partitionOffsetMap":{"0":' || n || '},"exclusivePartitions":[]}}', 'UTF8'), encode(sha256(name::bytea), 'hex') FROM ds WHERE i % 10 = 0;
INSERT INTO :sup (spec_id, created_date, payload) SELECT name, pg_temp.z((:'now')::timestamp - interval '90 days'),
    convert_to('{"type":"kafka","spec":{"dataSchema":{"dataSource":"' || name || '"}}}', 'UTF8') FROM ds WHERE i % 10 = 0;
INSERT INTO :tsk SELECT 'index_kafka_' || name || '_' || k, pg_temp.z((:'now')::timestamp - make_interval(hours => k)), name,
    convert_to('{"type":"index_kafka","id":"index_kafka_' || name || '_' || k || '"}', 'UTF8'),
    convert_to('{"id":"index_kafka_' || name || '_' || k || '","status":"' || CASE WHEN k = 0 THEN 'RUNNING' ELSE 'SUCCESS' END || '","duration":1000}', 'UTF8'),
    k = 0, 'index_kafka', 'index_kafka_' || name FROM ds, generate_series(0, 4) k WHERE i % 10 = 0;
INSERT INTO :lck (task_id, lock_payload) SELECT id, convert_to('{"granularity":"timeChunk","type":"EXCLUSIVE","groupId":"' || group_id
    || '","dataSource":"' || datasource || '","interval":"' || pg_temp.z((:'now')::timestamp - interval '1 day') || '/' || pg_temp.z((:'now')::timestamp)
    || '","version":"' || created_date || '","priority":75,"revoked":false}', 'UTF8') FROM :tsk WHERE active;

-- 7. Keys and indexes as Druid makes them.
ALTER TABLE :seg ADD PRIMARY KEY (id);
SELECT format('CREATE INDEX idx_%1$s_datasource_used_end_start ON %1$I (dataSource, used, "end", start)', :'seg'),
  CASE WHEN :new = 1 THEN format('CREATE INDEX idx_%1$s_used_status_datasource_id ON %1$I (used, used_status_last_updated, dataSource, id)', :'seg')
       ELSE format('CREATE INDEX idx_%1$s_used ON %1$I (used)', :'seg') END,
  format('CREATE INDEX idx_%1$s_datasource_upgraded_from_segment_id ON %1$I (dataSource, upgraded_from_segment_id)', :'seg'),
  format('CREATE INDEX idx_%1$s_datasource ON %1$I (dataSource)', :'rul'),
  format('CREATE INDEX idx_%1$s_datasource_end ON %1$I (dataSource, "end")', :'pen'),
  format('CREATE INDEX idx_%1$s_datasource_sequence ON %1$I (dataSource, sequence_name)', :'pen'),
  format('CREATE INDEX idx_%1$s_datasource_task_allocator_id ON %1$I (dataSource, task_allocator_id)', :'pen'),
  format('CREATE INDEX idx_%1$s_task ON %1$I (task_id)', :'upg'),
  format('CREATE INDEX idx_%1$s_key_time ON %1$I (audit_key, created_date)', :'aud'),
  format('CREATE INDEX idx_%1$s_type_time ON %1$I (type, created_date)', :'aud'),
  format('CREATE INDEX idx_%1$s_audit_time ON %1$I (created_date)', :'aud'),
  format('CREATE INDEX idx_%1$s_active_created_date ON %1$I (active, created_date)', :'tsk'),
  format('CREATE INDEX idx_%1$s_datasource_active ON %1$I (datasource, active)', :'tsk'),
  format('CREATE INDEX idx_%1$s_task_id ON %1$I (task_id)', :'lck'),
  format('CREATE INDEX idx_%1$s_spec_id ON %1$I (spec_id)', :'sup')
\gexec
COMMIT;
VACUUM (ANALYZE, FREEZE) :seg;
ANALYZE;
