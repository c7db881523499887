package main

import (
	"bytes"
	"errors"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/render"
	"coppice/internal/snapshot"
	"coppice/planner"
)

// Victims that lie in runs: what compacting leaves behind, chunks of many small segments below one that replaced them.
const (
	chunkVictims    = 333
	chunksOfVictims = 10 // daily ones, of each datasource
)

// compacted is a cluster with at least so many victims in runs of chunkVictims.
func compacted(victims int) (planner.Input, error) {
	datasources := (victims + chunkVictims*chunksOfVictims - 1) / (chunkVictims * chunksOfVictims)
	return filled(datasources, func(d *snapshot.Datasource, _ druid.RuleList) {
		d.Shards = nil
		for partition := range int32(chunkVictims) {
			d.Shards = append(d.Shards, druid.ShardSpec{Kind: druid.ShardNumbered, HasCore: true, Partition: partition, CorePartitions: chunkVictims})
		}
		d.Shards = append(d.Shards, druid.ShardSpec{Kind: druid.ShardNumbered, HasCore: true, CorePartitions: 1})
		d.Segments = make([]snapshot.Segment, 0, chunksOfVictims*(chunkVictims+1))
		for n := range druid.Instant(chunksOfVictims) {
			start := moment - (60-n)*day
			for partition := range int32(chunkVictims) {
				row(d, start, day, partition, start+day, 0).Shard = uint32(partition)
			}
			row(d, start, day, 0, start+day+hour, snapshot.Used).Shard = chunkVictims
		}
	})
}

// outputs are all forms in which a plan is given away.
type outputs struct {
	text, document, markdown []byte
	read                     *plan.Plan
}

// through plans, shows, saves, and reads back what was saved.
func through(in planner.Input) (o outputs, err error) {
	planner.Needs(in)
	p := planner.Build(in)
	if o.document, err = plan.Encode(p); err != nil {
		return o, err
	}
	if o.read, err = plan.Decode(o.document); err != nil {
		return o, err
	}
	var text, markdown bytes.Buffer
	err = errors.Join(plan.Check(o.read), render.Plan(&text, o.read, render.Options{Width: 100}),
		render.Markdown(&markdown, o.read, render.CommentBytes))
	o.text, o.markdown = text.Bytes(), markdown.Bytes()
	return o, err
}

func manyVictims(size int) (func() error, error) {
	in, err := compacted(size)
	return func() error { _, err := through(in); return err }, err
}

// oneChunk has so many victims in one chunk, every other partition, which go in tasks of equal reach.
func oneChunk(size int) (func() error, error) {
	in, err := filled(1, func(d *snapshot.Datasource, _ druid.RuleList) {
		for n := range int32(size) {
			row(d, moment-60*day, day, 2*n, moment-50*day, 0)
		}
		row(d, moment-60*day, day, 0, moment-40*day, snapshot.Used)
	})
	return func() error { _, err := through(in); return err }, err
}
