# The server in an image, for an engine other than the daemon that it guards: a dockerd whose plugin is not
# there does not start, so it cannot be the one that starts it.
#
#   docker build -t bulwark .                     BASE: any image with Node 24 and npm
#   install -d -o 65532 -m 0755 /run/bulwark      the folder of the socket, on the host
#   podman run -d --name bulwark -v /run/bulwark:/run/bulwark -v /etc/bulwark/policies:/etc/bulwark/policies:ro bulwark
#   echo unix:///run/bulwark/bulwark.sock > /etc/docker/plugins/bulwark.spec
#
# Bulwark sees the container's paths. Name the host's in a Config file (`protect: { paths, container }`).
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build
# The base has a Node of its own, so the optional one stays out.
RUN npm ci --omit=dev --omit=optional

FROM ${BASE}
WORKDIR /opt/bulwark
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY package.json LICENSE ./
COPY bin bin
COPY policies /etc/bulwark/policies
RUN ln -s /opt/bulwark/bin/bulwark /usr/local/bin/bulwark \
 && install -d -o 65532 -g 65532 -m 0755 /run/bulwark
# It needs no privilege: only its socket's folder, which dockerd enters as root.
USER 65532:65532
ENV BULWARK_AUTHZ_SOCKET=/run/bulwark/bulwark.sock
ENTRYPOINT ["/opt/bulwark/bin/bulwark"]
CMD ["serve"]
