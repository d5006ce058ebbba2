#!/bin/bash
# install.sh [proxies|apiserver] installs the real parts that the tests use; without an argument, all of them.
#
#   packages   nginx with its stream module, HAProxy, etcd and some tools, from this machine's own Debian suite, where missing (root)
#   proxies    nginx and HAProxy of newer Debian suites, unpacked into the cache and never installed
#   apiserver  kube-apiserver, built from the module in hack/kube-apiserver (some minutes, once)
#
# The cache is .cache in the project's root, or $HEADGATE_CACHE. What is there already is not made again; delete the cache to start over.
# The tests find the proxies through $HEADGATE_CACHE/proxies.env and skip what is missing.
set -euo pipefail

HACK=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${HEADGATE_CACHE:-$(dirname "$HACK")/.cache}
SUITES="trixie forky"
mkdir -p "$CACHE/bin"
CACHE=$(cd "$CACHE" && pwd)

say() { printf 'install: %s\n' "$*" >&2; }

# packages installs what is missing on this machine.
packages() {
    local missing=() package
    for package in nginx libnginx-mod-stream haproxy etcd-server iproute2 openssl curl; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        say "not root, so the tests that need these packages are skipped: ${missing[*]}"
        return
    fi
    say "installing ${missing[*]}"
    # Nothing may start on the standard ports of this machine.
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' > "$policy"
        chmod 755 "$policy"
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# apt SUITE ARGS... runs apt-get against another suite of the archives that this machine already uses, in directories of its own.
apt() {
    local dir=$CACHE/apt/$1 codename suite=$1 source
    shift
    if [ ! -d "$dir/sources" ]; then
        codename=$(. /etc/os-release && echo "${VERSION_CODENAME:?this machine is not a Debian release}")
        mkdir -p "$dir/new" "$dir/lists/partial" "$dir/cache/archives/partial"
        : > "$dir/status"
        for source in $(grep -lsw "$codename" /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}); do
            grep -q debian-archive-keyring "$source" || grep -qE '^deb .*\bmain\b' "$source" || continue
            sed "s/\b$codename\b/$suite/g" "$source" > "$dir/new/$(basename "$source")"
        done
        mv "$dir/new" "$dir/sources"
    fi
    apt-get -q \
        -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$dir/sources" -o Dir::State::status="$dir/status" \
        -o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir/cache" -o APT::Sandbox::User= -o Debug::NoLocking=1 \
        -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@" >&2
}

# unpack SUITE DIR PACKAGES... puts the packages and all that they depend on into DIR.
unpack() {
    local suite=$1 dir=$2 archive
    shift 2
    [ -d "$dir" ] && return
    say "unpacking $* of $suite"
    apt "$suite" update
    apt "$suite" install -y --download-only --no-install-recommends "$@"
    rm -rf "$dir.new"
    mkdir -p "$dir.new"
    for archive in "$CACHE/apt/$suite/cache/archives"/*.deb; do
        dpkg-deb -x "$archive" "$dir.new"
    done
    mv "$dir.new" "$dir"
    rm -rf "$CACHE/apt/$suite"
}

# detach ROOT BINARY makes a binary of an unpacked suite use the loader and the libraries beside it. It stays an ordinary executable,
# so that HAProxy's master finds itself again when it re-executes on reload.
detach() {
    local root=$1 binary=$2 loader
    loader=$(basename "$(patchelf_ --print-interpreter "$binary")")
    loader=$(find "$root" -name "$loader" -path '*-linux-gnu*' -print -quit)
    patchelf_ --set-interpreter "$loader" --force-rpath --set-rpath "$(dirname "$loader")" "$binary"
}

patchelf_() {
    local own
    own=$(. /etc/os-release && echo "$VERSION_CODENAME")
    unpack "$own" "$CACHE/patchelf" patchelf
    "$CACHE/patchelf/usr/bin/patchelf" "$@"
}

# wrap_nginx ROOT makes $CACHE/bin/nginx-VERSION. The path of its modules is compiled in and belongs to this machine's own nginx, so
# the wrapper tells those who ask with -V where the right ones are.
wrap_nginx() {
    local root=$1 real=$1/usr/sbin/nginx version
    version=$("$real" -v 2>&1 | sed 's|.*/\([0-9]*\.[0-9]*\).*|\1|')
    cat > "$CACHE/bin/nginx-$version" <<EOF
#!/bin/sh
if [ "\$*" = -V ]; then
    "$real" -V 2>&1 | sed 's|--modules-path=[^ ]*|--modules-path=$root/usr/lib/nginx/modules|' >&2
    exit
fi
exec "$real" "\$@"
EOF
    chmod 755 "$CACHE/bin/nginx-$version"
}

proxies() {
    local suite root version
    for suite in $SUITES; do
        root=$CACHE/$suite
        [ -e "$root/.ready" ] && continue
        unpack "$suite" "$root" nginx libnginx-mod-stream haproxy
        detach "$root" "$root/usr/sbin/nginx"
        detach "$root" "$root/usr/sbin/haproxy"
        wrap_nginx "$root"
        version=$("$root/usr/sbin/haproxy" -v | sed -n 's/^HAProxy version \([0-9]*\.[0-9]*\).*/\1/p')
        ln -sfn "$root/usr/sbin/haproxy" "$CACHE/bin/haproxy-$version"
        touch "$root/.ready"
    done
    list_proxies > "$CACHE/proxies.env"
}

# list_proxies prints the binaries that tests run, this machine's own first.
list_proxies() {
    local name paths path
    for name in nginx haproxy; do
        paths=$(PATH=$PATH:/usr/sbin command -v "$name" || true)
        for path in "$CACHE/bin/$name"-*; do
            [ -x "$path" ] && paths="$paths $path"
        done
        printf 'HEADGATE_TEST_%s="%s"\n' "${name^^}" "${paths# }"
    done
}

apiserver() {
    local module=$HACK/kube-apiserver version package=k8s.io/component-base/version
    version=$(cd "$module" && go list -m -f '{{.Version}}' k8s.io/kubernetes)
    [ "$(cat "$CACHE/kube-apiserver.version" 2>/dev/null)" = "$version" ] && [ -x "$CACHE/bin/kube-apiserver" ] && return
    say "building kube-apiserver $version"
    local minor=${version#v1.}
    (cd "$module" && nice go build -o "$CACHE/bin/kube-apiserver" -ldflags "-s -w -X $package.gitVersion=$version \
        -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*} -X $package.gitTreeState=clean" .)
    echo "$version" > "$CACHE/kube-apiserver.version"
}

case "${1:-all}" in
    all) packages; proxies; apiserver ;;
    proxies|apiserver) "$1" ;;
    *) sed -n '2,/^set/{/^#/p}' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
