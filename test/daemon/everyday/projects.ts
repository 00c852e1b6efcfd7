/** The files of the projects that everyday work is done on, by path. */
export const projects: Readonly<Record<string, string>> = {
  '/home/dev/app/Dockerfile': `FROM busybox
ARG VERSION=none
LABEL made-by=everyday
RUN echo "version $VERSION" > /version
COPY hello.txt /hello.txt
CMD ["cat", "/version"]
`,
  '/home/dev/app/hello.txt': 'hello from the project\n',
  '/home/dev/app/Stages.Dockerfile': `FROM busybox AS build
RUN echo compiled > /out
FROM scratch AS artefact
COPY --from=build /out /out
FROM busybox
COPY --from=build /out /app/out
CMD ["cat", "/app/out"]
`,
  '/home/dev/app/Secret.Dockerfile': `FROM busybox
RUN --mount=type=secret,id=token wc -c < /run/secrets/token > /length
CMD ["cat", "/length"]
`,
  '/home/dev/app/token': 'twelve chars',
  '/home/dev/app/.env': 'FROM_FILE=yes\n',
  '/srv/www/index.html': 'served from /srv\n',
  '/opt/tool/config': 'from /opt\n',
  '/home/dev/shop/.env': 'GREETING=hi\n',
  '/home/dev/shop/Dockerfile': 'FROM busybox\nCMD ["sh", "-c", "echo worker is up; exec sleep 1000"]\n',
  '/home/dev/shop/compose.yaml': `services:
  front:
    image: web
    ports: ["127.0.0.1:8090:80"]
    volumes: ["./html:/www:ro"]
    depends_on: [worker]
    healthcheck: { test: ["CMD", "wget", "-qO-", "http://127.0.0.1/"], interval: 1s, retries: 20 }
  worker:
    build: .
    environment: { GREETING: "\${GREETING}" }
    volumes: ["data:/data"]
    init: true
    stop_grace_period: 0s
    mem_limit: 64m
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
  task:
    image: busybox
    command: ["sh", "-c", "echo the task ran"]
    profiles: [task]
    networks: [back]
volumes: { data: {} }
networks: { back: { internal: true } }
`,
  '/home/dev/shop/html/index.html': 'the shop is open\n',
};
