import type { Row } from './row.ts';

/** `docker run` and its flags. */
export const running: readonly Row[] = [
  { does: 'run prints', run: 'docker run --rm busybox echo hello', prints: 'hello' },
  { does: 'run passes the exit code on', run: 'docker run --rm busybox sh -c "exit 7"', code: 7 },
  { does: 'run -i takes stdin', run: 'echo typed | docker run --rm -i busybox tr a-z A-Z', prints: 'TYPED' },
  { does: 'run -it has a terminal', run: 'tty docker run --rm -it busybox tty', prints: /\/dev\/pts\/0/ },
  {
    does: 'run -d, wait and rm',
    run: 'docker run -d --name job busybox sh -c "exit 3"; docker wait job; docker rm job',
    prints: /\n3\njob/,
  },
  { does: 'run --user', run: 'docker run --rm --user 1000:1000 busybox id -u', prints: '1000' },
  { does: 'run as root inside the container', run: 'docker run --rm -u root app id -u', prints: '0' },
  { does: "run as the image's user", run: 'docker run --rm app id -un', prints: 'app' },
  { does: 'run --group-add', run: 'docker run --rm --group-add 2000 busybox id -G', prints: /2000/ },
  {
    does: 'run --read-only with --tmpfs',
    run: 'docker run --rm --read-only --tmpfs /run busybox sh -c "touch /run/x && ! touch /x"',
  },
  { does: 'run --init', run: 'docker run --rm --init busybox cat /proc/1/comm', prints: /init/ },
  {
    does: 'run --restart on-failure',
    run: `docker run -d --name again --restart on-failure:2 busybox false
poll sh -c '[ "$(docker inspect -f "{{.RestartCount}}" again)" = 2 ]'
docker rm -f again`,
  },
  {
    does: 'run --restart unless-stopped',
    run: 'docker run -d --name stays --restart unless-stopped busybox sleep 1000; docker rm -f stays',
  },
  {
    does: 'run --health-cmd becomes healthy',
    run: `docker run -d --name fit --health-cmd true --health-interval 1s busybox sleep 1000
poll sh -c 'docker inspect -f "{{.State.Health.Status}}" fit | grep -q ^healthy'
docker rm -f fit`,
  },
  {
    does: 'run with limits',
    run: 'docker run --rm --memory 64m --memory-swap 128m --cpus 0.5 --pids-limit 50 --shm-size 8m --ulimit nofile=512 busybox sh -c "ulimit -n"',
    prints: '512',
  },
  {
    does: 'run with I/O limits that name a device',
    run: 'disk=/dev/$(ls /sys/block | head -1); docker run --rm --device-read-bps $disk:1mb --device-write-iops $disk:100 busybox true',
  },
  {
    does: 'run -e and --env-file',
    run: `docker run --rm -e A=1 --env-file app/.env busybox sh -c 'echo $A $FROM_FILE'`,
    prints: '1 yes',
  },
  { does: 'run -w', run: 'docker run --rm -w /srv busybox pwd', prints: '/srv' },
  { does: 'run --hostname', run: 'docker run --rm --hostname box busybox hostname', prints: 'box' },
  { does: 'run --entrypoint', run: 'docker run --rm --entrypoint echo busybox entered', prints: 'entered' },
  {
    does: 'run --label and ps --filter',
    run: 'docker run -d --name marked --label team=web busybox sleep 1000; docker ps -q --filter label=team=web | wc -l; docker rm -f marked',
    prints: /\n1\nmarked/,
  },
  {
    does: 'run --network none',
    run: 'docker run --rm --network none busybox ip -o link | wc -l',
    prints: '1',
  },
  {
    does: 'run --network with a name to find',
    run: 'docker run --rm --network lan busybox wget -qO- http://site/',
    prints: 'hello from the web image',
  },
  {
    does: 'run --network container:',
    run: 'docker run --rm --network container:site busybox wget -qO- http://127.0.0.1/',
    prints: 'hello from the web image',
  },
  {
    does: 'run --network container: of a stack in a loop',
    run: 'docker run -d --name side --network container:site busybox sleep 1000; docker exec side wget -qO- http://127.0.0.1/; docker rm -f side',
    prints: /hello from the web image/,
  },
  {
    does: 'run --pid container:',
    run: 'docker run --rm --pid container:dev busybox ps',
    prints: /sleep 100000/,
  },
  {
    does: 'run --ipc container:',
    run: 'docker run -d --name share --ipc shareable busybox sleep 1000; docker run --rm --ipc container:share busybox ls /dev/shm; docker rm -f share',
  },
  {
    does: 'run -p on an address, and reach it',
    run: 'docker run -d --name pub -p 127.0.0.1:8082:80 web; poll wget -qO- http://127.0.0.1:8082/; wget -qO- http://127.0.0.1:8082/; docker rm -f pub',
    prints: /hello from the web image/,
  },
  {
    does: 'run -P and port',
    run: 'docker run -d --name anyport -P web; at=$(docker port anyport 80/tcp | head -1); poll wget -qO- "http://$(echo "$at" | sed s/0.0.0.0/127.0.0.1/)/"; docker rm -f anyport',
  },
  {
    does: 'run -p with udp and a range',
    run: 'docker run -d --name many -p 5353:53/udp -p 9000-9002:9000-9002 busybox sleep 1000; docker port many | sort | head -1; docker rm -f many',
    prints: /53\/udp -> /,
  },
  {
    does: 'run -v with a named volume keeps data',
    run: 'docker run --rm -v kept:/data busybox sh -c "echo kept > /data/f"; docker run --rm -v kept:/data:ro busybox cat /data/f; docker volume rm kept',
    prints: 'kept\nkept',
  },
  {
    does: 'run -v binds a project below /home, both ways',
    run: 'docker run --rm -v /home/dev/app:/w -w /w busybox sh -c "cat hello.txt; echo back > out"; cat app/out; rm app/out',
    prints: 'hello from the project\nback',
  },
  {
    does: 'run -v binds /srv read-only',
    run: 'docker run --rm -v /srv/www:/www:ro busybox sh -c "cat /www/index.html; ! touch /www/x"',
    prints: 'served from /srv',
  },
  {
    does: 'run --mount binds /opt',
    run: 'docker run --rm --mount type=bind,source=/opt/tool,target=/tool,readonly busybox cat /tool/config',
    prints: 'from /opt',
  },
  {
    does: 'run -v binds and makes a folder below /tmp',
    run: 'docker run --rm -v "$SCRATCH/new:/w" busybox touch /w/made; ls "$SCRATCH/new"',
    prints: 'made',
  },
  {
    does: 'run -v with /etc/localtime',
    run: 'touch /etc/localtime; docker run --rm -v /etc/localtime:/etc/localtime:ro busybox true',
  },
  {
    does: 'run with an anonymous volume at /etc inside the container',
    run: 'docker run --rm -v /etc busybox ls /etc/passwd',
    prints: '/etc/passwd',
  },
  {
    does: 'run --mount with a volume and a tmpfs',
    run: 'docker run --rm --mount type=volume,source=vol1,target=/v --mount type=tmpfs,target=/t,tmpfs-size=1m busybox df /t; docker volume rm vol1',
    prints: /1024/,
  },
  {
    does: 'run --volumes-from',
    run: 'docker run --rm --volumes-from dev busybox cat /data/note',
    prints: 'a note',
  },
  {
    does: 'run --link',
    run: 'docker run --rm --link dev:db busybox ping -c 1 db',
    prints: /1 packets received/,
  },
  {
    does: 'run --cap-drop ALL',
    run: 'docker run --rm --cap-drop ALL busybox grep CapEff /proc/self/status',
    prints: /0000000000000000/,
  },
  {
    does: 'run --cap-drop ALL --cap-add with a default one',
    run: 'docker run --rm --cap-drop ALL --cap-add NET_BIND_SERVICE busybox true',
  },
  {
    does: 'run --security-opt no-new-privileges',
    run: 'docker run --rm --security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status',
    prints: /1$/m,
  },
  {
    does: 'run --sysctl of the safe ones',
    run: 'docker run --rm --sysctl net.ipv4.ip_unprivileged_port_start=0 busybox cat /proc/sys/net/ipv4/ip_unprivileged_port_start',
    prints: '0',
  },
  {
    does: 'run --add-host and --dns',
    run: 'docker run --rm --add-host db:192.0.2.9 --dns 192.0.2.53 busybox cat /etc/hosts',
    prints: /192\.0\.2\.9\s+db/,
  },
  {
    does: 'run with a log driver and options',
    run: 'docker run --name logged --log-driver json-file --log-opt max-size=1m --log-opt max-file=2 busybox echo said; docker logs logged; docker rm logged',
    prints: /said\nsaid/,
  },
  {
    does: 'run --log-driver none',
    run: 'docker run --rm --log-driver none busybox echo quiet',
    prints: 'quiet',
  },
  {
    does: 'run --ip on a network of its own',
    run: 'docker run --rm --network lan --ip 10.77.0.77 busybox hostname -i',
    prints: '10.77.0.77',
  },
  { does: 'run --runtime runc', run: 'docker run --rm --runtime runc busybox true' },
  {
    does: 'run --cidfile',
    run: 'docker run --cidfile app/cid busybox true; docker rm "$(cat app/cid)"; rm app/cid',
  },
  {
    does: 'run --stop-signal',
    run: 'docker run -d --name sig --stop-signal KILL busybox sleep 1000; docker stop sig; docker rm sig',
  },
  {
    does: 'run --oom-score-adj',
    run: 'docker run --rm --oom-score-adj 500 busybox cat /proc/self/oom_score_adj',
    prints: '500',
  },
  {
    does: 'run --gpus is refused by the daemon, which has none',
    run: 'docker run --rm --gpus all busybox true',
    code: 125,
    prints: /could not select device driver/,
  },
];
