# Everything here works on a machine with Go, git and make: PostgreSQL, a browser
# and the tools are fetched into a folder of our own when they are missing.

# No C compiler is needed, so none is asked for.
export CGO_ENABLED := 0

tool := go tool -modfile=tools/go.mod
with_postgres := go run ./internal/testkit/cmd/withpg
fuzz_time ?= 30s
at_once := AtOnceOneWins|SharedPoolGoesOnce|TwicePublishesOnce|CrossingDeclines

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show what can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/peregrine
	@go build -trimpath -o bin/peregrine ./cmd/peregrine

.PHONY: run
run: build ## Build and run the demo; ARGS="--reset" passes options on
	@exec ./bin/peregrine demo $(ARGS)

.PHONY: test
test: ## Run all tests; ARGS="-run Submit" passes options on
	@$(with_postgres) go test -p 2 -timeout 20m $(ARGS) ./...

.PHONY: race
race: ## Run all tests under the race detector; needs a C compiler
	@command -v cc >/dev/null || { echo "make race needs a C compiler (Debian: apt-get install gcc libc6-dev)" >&2; exit 2; }
	@$(with_postgres) env CGO_ENABLED=1 go test -race -p 2 -timeout 30m $(ARGS) ./...

.PHONY: lint
lint: ## Check the code: go vet and golangci-lint
	@go vet ./...
	@$(tool) golangci-lint run ./...

.PHONY: fmt
fmt: ## Format the code
	@$(tool) golangci-lint fmt ./...

.PHONY: gen
gen: ## Generate the store from queries and migrations
	@$(tool) sqlc generate

.PHONY: verify
verify: ## Check that what is generated is what is committed
	@$(tool) sqlc diff

.PHONY: check
check: test lint verify ## Run all that continuous integration runs

.PHONY: bench
bench: ## Measure the figures the product is held to; ARGS="-bench Submit" narrows
	@$(with_postgres) go test -timeout 60m -run '^$$' -bench . -benchtime 1x $(ARGS) ./internal/figures

.PHONY: soak
soak: ## Run the tests at full size: hours of moves, hundreds of kills
	@PEREGRINE_SOAK=1 $(with_postgres) go test -p 1 -timeout 180m -count 1 $(ARGS) ./...
	@$(with_postgres) go test -timeout 60m -count 20 -run '$(at_once)' ./internal/process

.PHONY: fuzz
fuzz: ## Run each fuzz test for fuzz_time (30s)
	@grep -rl --include='*_test.go' '^func Fuzz' internal | while read -r file; do \
		for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$$file"); do \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(fuzz_time) "./$$(dirname "$$file")" || exit 1; \
		done; \
	done

.PHONY: assets
assets: ## Fetch anew what others made and we keep: styles, fonts, scripts
	@./internal/web/asset/fetch.sh
	@./internal/testkit/fetch.sh
