# Plain Go commands are enough; these targets only abbreviate. `make` alone lists them.
.DEFAULT_GOAL := help
FUZZTIME ?= 5s

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  %-12s %s\n", $$1, $$2 }'

quickstart: ## plan and apply on the embedded sandbox (needs only Go)
	@sh examples/quickstart/run

test: parts lint ## everything that must pass, with a real PostgreSQL and a real Druid (required, nothing is skipped)
	COPPICE_REAL=1 go test -race -shuffle=on -timeout 40m ./...
	$(MAKE) --no-print-directory fuzz

quick: ## the quick loop; says what it left out
	go test ./...

parts: ## get what the tests need and the machine lacks: PostgreSQL, a JDK, Maven, Druid's jars
	@scripts/get-parts

lint: ## gofmt, vet, staticcheck, tidy
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'gofmt would change the files above'; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go mod tidy -diff

fuzz: ## every fuzz target for FUZZTIME (5s)
	@scripts/fuzz $(FUZZTIME)

fuzz-oracle: ## ask Druid's own classes live with random questions for TIME (5m); needs a JDK 17 and Maven
	COPPICE_ORACLE=$(CURDIR)/internal/oracle/oracle COPPICE_ORACLE_TIME=$(or $(TIME),5m) go test ./internal/druid -run Live -v -count=1

golden: ## rewrite golden files; review the difference
	go test ./config ./internal/declare ./planner ./internal/render ./cmd/... ./examples/... -update

mutants: ## plant mistakes one by one; each must break a test
	go run ./internal/mutants

bench: ## plans of a seeded store (COPPICE_BENCH_ROWS), as ratios to a bare scan in the same run; writes docs/performance.md
	go run ./internal/bench -write docs/performance.md

.PHONY: help quickstart test quick parts lint fuzz fuzz-oracle golden mutants bench
