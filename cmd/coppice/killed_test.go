package main

import "testing"

func TestPlaces(t *testing.T) {
	for spec, want := range map[string]string{
		`{"type":"local","path":"/deep/d/1/index.zip"}`:                     "/deep/d/1/index.zip",
		`{"type":"s3_zip","bucket":"b","key":"d/index.zip","S3Schema":"x"}`: "b/d/index.zip",
		`{"type":"google","bucket":"b","path":"d/index.zip"}`:               "b/d/index.zip",
		`{"type":"azure","containerName":"c","blobPath":"/d/index.zip"}`:    "c/d/index.zip",
		`{"type":"hdfs","path":"hdfs://n/d/index.zip"}`:                     "hdfs://n/d/index.zip",
		`{"type":"c*","key":"k"}`:                                           "k",
		`{"type":"other","where":"k"}`:                                      `{"type":"other","where":"k"}`,
		`{"type":"tombstone"}`:                                              "", "": "", "no json": "",
	} {
		if got := placeOf(spec); got != want {
			t.Errorf("%s: got %q, want %q", spec, got, want)
		}
	}
}
