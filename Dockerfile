# Bulwark in an image: for CI (`check`, `test`), and for a daemon whose guard another engine runs. A dockerd whose plugin
# is not there does not start, so it cannot be the one that starts this container (docs/container.md).
#
#   npm ci && npm run plugin:build
#   docker build --build-arg BASE=IMAGE@sha256:... -t bulwark .
#
# BASE: an image with Node 24 as `node` on its PATH, by its digest, so that tomorrow's build has the same one. It needs
# no shell and no npm: the build runs nothing and asks no network but for BASE itself.
ARG BASE
FROM ${BASE}
COPY plugin/build/rootfs/usr/lib/bulwark /usr/lib/bulwark
COPY policies /etc/bulwark/policies
# It needs no privilege: dockerd enters the folder of its socket as root.
USER 65532:65532
# Its root is not the host's: links there lead nowhere on the host.
ENV BULWARK_AUTHZ_SOCKET=/run/bulwark/bulwark.sock BULWARK_DATA=/var/lib/bulwark BULWARK_HOST_ROOT=off
HEALTHCHECK --interval=30s --timeout=15s --start-period=10s CMD ["node", "/usr/lib/bulwark/dist/cli/main.js", "status"]
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=8", "/usr/lib/bulwark/dist/cli/main.js"]
CMD ["serve"]
