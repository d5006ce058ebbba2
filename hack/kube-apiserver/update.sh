#!/bin/sh
# update.sh 1.36.3 pins that version of Kubernetes in go.mod and go.sum.
#
# k8s.io/kubernetes requires the modules that it is published together with (k8s.io/api and others) at v0.0.0, which exists nowhere.
# Each is replaced with its release of the same day: v1.36.3 goes with v0.36.3.
set -eu
cd "$(dirname "$0")"
version=${1:?version of Kubernetes, like 1.36.3}
staging=v0.${version#1.}

rm -f go.mod go.sum
go mod init github.com/headgate/headgate/hack/kube-apiserver
go mod edit -require="k8s.io/kubernetes@v$version"
upstream=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)",*$/\1/p')
sed -n 's/^[[:space:]]*\(k8s\.io\/[^ ]*\) v0\.0\.0$/\1/p' "$upstream" | sort -u | while read -r module; do
    go mod edit -replace="$module=$module@$staging"
done
go mod tidy
