# What a person types; .ci/run types `make test`. Everything that is built or installed goes to bin/ and .cache/.

SHELL := /bin/bash
PROXY ?= nginx
FUZZTIME ?= 30s
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.release=$(VERSION)
LINT_VERSION := v2.15.0
LINT := .cache/bin/golangci-lint-$(LINT_VERSION)
TESTSUM_VERSION := v1.13.0
TESTSUM := .cache/bin/gotestsum-$(TESTSUM_VERSION)
# How often a failed test is tried once more. With several real proxies on a loaded machine a second look tells a broken product from a
# test that was disturbed; what passed only then is listed as flaky at the end, and is a defect to mend. A person's run has no second look.
RERUNS ?= 0
GOTEST = $(TESTSUM) --format standard-quiet --rerun-fails=$(RERUNS) --rerun-fails-max-failures=5 \
	--rerun-fails-run-root-test --rerun-fails-abort-on-data-race
# The packages whose code runs in parallel; the race detector makes the others slow and finds nothing there.
PARALLEL := ./cmd/... ./watch/... ./reload/...

# The packages without proxies, clusters and processes, and the tests of the root that need none.
PURE := ./diag ./manifest ./model ./configmap ./translate ./retain ./render/engine ./templates
PURE_ROOT := Golden|Layers|Pure|Imports|Order|Twice|Bystander|Silent

.PHONY: build run test quick install unit golden golden-check conf-check lint fuzz bench chaos image check clean help

build: ## bin/headgate, static
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/headgate ./cmd/headgate

run: ## the demo: a proxy serving testdata/demo on this machine (PROXY=nginx)
	hack/demo/run.sh $(PROXY)

test: install lint unit ## install what the tests need, lint, and run all tests

quick: ## the tests of what is pure: no proxy, no cluster, under a minute
	go vet $(PURE)
	go test $(PURE)
	go test . -run '$(PURE_ROOT)'

install: ## the real nginx, HAProxy, etcd and kube-apiserver that tests use
	hack/install.sh

unit: $(TESTSUM) ## all tests, with the race detector where code runs in parallel
	go vet ./...
	$(GOTEST) --packages '$(PARALLEL)' -- -race -timeout 40m
	$(GOTEST) --packages "$$(go list ./... | grep -v -E '/(cmd|watch|reload)(/|$$)' | xargs)" -- -timeout 40m

golden: ## rewrite the golden files and the reference pages
	go test . -run TestGoldenFiles -update
	go test ./configmap ./diag ./manifest ./templates -update

golden-check: golden ## fail if a golden file is not what the code prints
	git diff --exit-code -- testdata '*/testdata' docs
	@test -z "$$(git ls-files --others --exclude-standard -- testdata '*/testdata' docs)" || { echo 'golden files that are not committed' >&2; exit 1; }

conf-check: ## have the real proxies read and serve the cases of testdata
	go test . -count=1 -run 'TestBehaviour|TestAccepted' -v

lint: $(LINT) ## the rules of the house
	$(LINT) run ./...

$(LINT):
	mkdir -p .cache/bin
	GOFLAGS= GOBIN=$(CURDIR)/.cache/lint nice go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv .cache/lint/golangci-lint $@

$(TESTSUM):
	mkdir -p .cache/bin
	GOFLAGS= GOBIN=$(CURDIR)/.cache/testsum nice go install gotest.tools/gotestsum@$(TESTSUM_VERSION)
	mv .cache/testsum/gotestsum $@

fuzz: ## every fuzz test for FUZZTIME
	@set -euo pipefail; for package in $$(go list ./...); do \
	    for name in $$(go test -list '^Fuzz' "$$package" | sed -n '/^Fuzz/p'); do \
	        echo "== $$package $$name"; \
	        go test "$$package" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME); \
	    done; \
	done

bench: ## all benchmarks; what a running headgate does, with real proxies, `go run ./hack/figures` measures
	go test -run '^$$' -bench . -benchmem ./...
	@echo "For the figures of docs/performance.md: make build, then go run ./hack/figures (-h for what and how)"

chaos: build ## do harm to headgate and real proxies under traffic, and count what is lost (minutes; CHAOS="-h" for what and how)
	go run ./hack/chaos $(CHAOS)

image: ## the container images, with docker or podman
	docker build --build-arg VERSION=$(VERSION) --target headgate -t headgate/headgate:$(VERSION) .
	docker build --build-arg VERSION=$(VERSION) --target headgate-nginx -t headgate/headgate-nginx:$(VERSION) .
	docker build --build-arg VERSION=$(VERSION) --target headgate-haproxy -t headgate/headgate-haproxy:$(VERSION) .

check: test golden-check ## what has to be green before a change goes in

clean: ## remove what was built, but not the cache
	rm -rf bin dist

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
