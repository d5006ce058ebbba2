# syntax=docker/dockerfile:1
# Targets: headgate (static, for the sidecar), headgate-nginx and headgate-haproxy (with the proxy inside, supervised as a child). All run
# as an ordinary user.
#
#   docker build --target headgate -t headgate/headgate .

FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH VERSION=devel
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.release=$VERSION" -o /out/headgate ./cmd/headgate \
    && mkdir -m 0755 /out/work

FROM nginx:1.30 AS headgate-nginx
# An ordinary user may not listen below 1024 without a capability.
ENV HEADGATE_HTTP_PORT=8080 HEADGATE_HTTPS_PORT=8443 HEADGATE_STATUS_ADDRESS=:10254
COPY --from=build /out/headgate /usr/local/bin/headgate
RUN install -d -o nginx -g nginx /var/lib/headgate /var/cache/nginx
USER 101:101
VOLUME ["/var/lib/headgate", "/var/cache/nginx"]
EXPOSE 8080 8443 10254
# Headgate ends nginx gracefully by itself.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/headgate"]
CMD ["run", "--source", "kube"]

FROM haproxy:3.2 AS headgate-haproxy
ENV HEADGATE_PROXY=haproxy HEADGATE_HTTP_PORT=8080 HEADGATE_HTTPS_PORT=8443 HEADGATE_STATUS_ADDRESS=:10254
USER root
COPY --from=build /out/headgate /usr/local/bin/headgate
RUN install -d -o haproxy -g haproxy /var/lib/headgate
USER 99:99
VOLUME ["/var/lib/headgate"]
EXPOSE 8080 8443 10254
# Headgate ends HAProxy gracefully by itself; the image's own signal is for HAProxy.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/headgate"]
CMD ["run", "--source", "kube"]

FROM scratch AS headgate
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/headgate /headgate
COPY --from=build --chown=101:101 /out/work /var/lib/headgate
USER 101:101
ENTRYPOINT ["/headgate"]
CMD ["run", "--source", "kube"]
