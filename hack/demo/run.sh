#!/bin/bash
# run.sh [nginx|haproxy] installs the proxy if it is missing, builds headgate and starts the demo. See main.go beside it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
PROXY=${1:-nginx}
PATH=$PATH:/usr/sbin

if ! command -v "$PROXY" > /dev/null; then
    root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo > /dev/null || { echo "demo: $PROXY is not installed, and only root can install it: apt-get install $PROXY" >&2; exit 1; }
        root=(sudo)
    fi
    command -v apt-get > /dev/null || { echo "demo: $PROXY is not installed, and there is no apt-get here; install it and try again" >&2; exit 1; }
    echo "demo: installing $PROXY"
    # Debian starts servers as soon as they are installed; the demo brings its own.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" > /dev/null
        "${root[@]}" chmod 755 "$policy"
        trap '"${root[@]}" rm -f "$policy"' EXIT
    fi
    "${root[@]}" apt-get update -q
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$PROXY"
    [ -z "$(trap -p EXIT)" ] || { "${root[@]}" rm -f "$policy"; trap - EXIT; }
fi

command -v go > /dev/null || { echo "demo: Go is needed to build headgate" >&2; exit 1; }
go build -o bin/headgate ./cmd/headgate
go build -o bin/demo ./hack/demo
exec bin/demo --proxy "$PROXY"
