#!/bin/sh
# Rewrites the vectors that the tests of internal/druid read (seed 1). Takes about half a minute.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=$here/../druid/testdata/oracle
for pair in period:6000 interval:6000 rule:6000 rulejson:4000 segmentid:4000 timeline:1500 chain:1500; do
  kind=${pair%%:*}
  "$here/oracle" vectors --kind "$kind" --seed 1 --count "${pair##*:}" | gzip -9n > "$to/$kind.jsonl.gz"
done
