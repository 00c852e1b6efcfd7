import type { Row } from './row.ts';

/** Work with containers that are there. */
export const containers: readonly Row[] = [
  { does: 'ps', run: 'docker ps --format "{{.Names}}" | sort', prints: /dev\nsite/ },
  {
    does: 'create, start and rm',
    run: 'docker create --name made busybox true; docker start -a made; docker rm made',
  },
  { does: 'stop and start', run: 'docker stop -t 0 dev; docker start dev; docker exec dev true' },
  { does: 'restart', run: 'docker restart -t 0 dev; docker exec dev true' },
  { does: 'pause and unpause', run: 'docker pause dev; docker unpause dev; docker exec dev true' },
  {
    does: 'kill -s',
    run: 'docker run -d --name hup busybox sleep 1000; docker kill -s KILL hup; docker wait hup; docker rm hup',
    prints: /137/,
  },
  {
    does: 'rename',
    run: 'docker create --name old busybox; docker rename old new; docker rm new',
    prints: /new/,
  },
  {
    does: 'update --memory',
    run: 'docker update --memory 96m --memory-swap 96m dev; docker inspect -f "{{.HostConfig.Memory}}" dev',
    prints: /100663296/,
  },
  { does: 'update --cpus and --restart', run: 'docker update --cpus 0.9 --restart no dev' },
  { does: 'exec', run: 'docker exec dev echo inside', prints: 'inside' },
  { does: 'exec passes the exit code on', run: 'docker exec dev sh -c "exit 9"', code: 9 },
  { does: 'exec -i takes stdin', run: 'echo in | docker exec -i dev cat', prints: 'in' },
  { does: 'exec -it has a terminal', run: 'tty docker exec -it dev tty', prints: /\/dev\/pts\/\d/ },
  {
    does: 'exec -it is a shell',
    run: 'printf "echo \\$((6*7))\\nexit 3\\n" | tty docker exec -it dev sh',
    code: 3,
    prints: /42/,
  },
  {
    does: 'exec -u, -w and -e',
    run: `docker exec -u 1000 -w /tmp -e A=1 dev sh -c 'id -u; pwd; echo $A'`,
    prints: '1000\n/tmp\n1',
  },
  { does: 'exec -d', run: 'docker exec -d dev sh -c "echo ran > /ran"; poll docker exec dev cat /ran' },
  { does: 'top', run: 'docker top dev', prints: /sleep 100000/ },
  { does: 'logs --tail', run: 'docker logs --tail 1 dev', prints: 'ready' },
  {
    does: 'logs -f until the end',
    run: 'docker run -d --name talks busybox sh -c "echo one; echo two" >/dev/null; docker logs -f --timestamps talks | wc -l; docker rm talks',
    prints: '2\ntalks',
  },
  {
    does: 'attach with stdin',
    run: `docker run -d -i --name ears busybox sh -c 'read word; echo "heard $word"' >/dev/null
echo it | docker attach ears; docker logs ears; docker rm ears`,
    prints: /heard it/,
  },
  {
    does: 'start -ai',
    run: 'docker create -i --name shell busybox sh >/dev/null; echo "echo done" | docker start -ai shell; docker rm shell',
    prints: /done/,
  },
  { does: 'diff', run: 'docker exec dev touch /changed; docker diff dev', prints: /A \/changed/ },
  { does: 'port', run: 'docker port site', prints: /80\/tcp -> 127\.0\.0\.1:8081/ },
  {
    does: 'a published port answers',
    run: 'wget -qO- http://127.0.0.1:8081/',
    prints: 'hello from the web image',
  },
  { does: 'stats --no-stream', run: 'docker stats --no-stream --format "{{.Name}}" dev', prints: 'dev' },
  { does: 'inspect --format', run: 'docker inspect -f "{{.State.Running}}" dev', prints: 'true' },
  {
    does: 'cp in',
    run: 'docker cp app/hello.txt dev:/tmp/hello; docker exec dev cat /tmp/hello',
    prints: /hello from the project/,
  },
  { does: 'cp out', run: 'docker cp dev:/data/note app/note; cat app/note; rm app/note', prints: /a note/ },
  {
    does: 'cp a folder as a tar through a pipe',
    run: 'docker cp dev:/data - | tar -t',
    prints: /data\/note/,
  },
  {
    does: 'cp into a stopped container',
    run: 'docker create --name cold busybox >/dev/null; docker cp app/hello.txt cold:/h; docker rm cold',
  },
  {
    does: 'commit',
    run: 'docker commit -m work dev dev:snapshot; docker run --rm dev:snapshot true; docker rmi dev:snapshot',
  },
  {
    does: 'commit --change',
    run: `docker commit --change 'CMD ["echo","changed"]' --change 'ENV A=1' dev dev:cmd >/dev/null; docker run --rm dev:cmd; docker rmi dev:cmd >/dev/null`,
    prints: 'changed',
  },
  {
    does: 'export and import',
    run: 'docker export dev | docker import -c "CMD true" - flat:1; docker run --rm flat:1; docker rmi flat:1',
  },
  {
    does: 'events of the past',
    run: 'docker events --since 10m --until 0s --filter container=dev',
    prints: /exec_create/,
  },
  {
    does: 'events as they come',
    run: `docker events --filter container=seen --format '{{.Action}}' > events & pid=$!
poll sh -c 'docker run --rm --name seen busybox true; grep -q start events'
kill $pid; grep -c . events >/dev/null; rm events`,
  },
  {
    does: 'container prune',
    run: 'docker run --name gone busybox true; docker container prune -f; ! docker inspect gone',
    prints: /Total reclaimed space/,
  },
];
