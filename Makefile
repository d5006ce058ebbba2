# What a person types; .ci/run types `make test`. Everything that is built or installed goes to bin/ and .cache/.

SHELL := /bin/bash
PROXY ?= nginx
FUZZTIME ?= 30s
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.release=$(VERSION)
LINT_VERSION := v2.15.0
LINT := .cache/bin/golangci-lint-$(LINT_VERSION)
# The packages whose code runs in parallel; the race detector makes the others slow and finds nothing there.
PARALLEL := ./cmd/... ./watch/... ./reload/...

.PHONY: build run test install unit golden golden-check conf-check lint fuzz bench image check clean help

build: ## bin/headgate, static
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/headgate ./cmd/headgate

run: ## the demo: a proxy serving testdata/demo on this machine (PROXY=nginx)
	hack/demo/run.sh $(PROXY)

test: install lint unit ## install what the tests need, lint, and run all tests

install: ## the real nginx, HAProxy, etcd and kube-apiserver that tests use
	hack/install.sh

unit: ## all tests, with the race detector where code runs in parallel
	go vet ./...
	go test -race -timeout 15m $(PARALLEL)
	go test -timeout 15m $$(go list ./... | grep -v -E '/(cmd|watch|reload)(/|$$)')

golden: ## rewrite the golden files and the reference pages
	go test . ./configmap ./diag ./manifest -update

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

image: ## the container images, with docker or podman
	docker build --build-arg VERSION=$(VERSION) --target headgate -t headgate/headgate:$(VERSION) .
	docker build --build-arg VERSION=$(VERSION) --target headgate-nginx -t headgate/headgate-nginx:$(VERSION) .
	docker build --build-arg VERSION=$(VERSION) --target headgate-haproxy -t headgate/headgate-haproxy:$(VERSION) .

check: test golden-check ## what has to be green before a change goes in

clean: ## remove what was built, but not the cache
	rm -rf bin dist

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
