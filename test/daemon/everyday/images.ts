import type { Row } from './row.ts';

const legacy = 'export DOCKER_BUILDKIT=0;';
const buildkit = 'export DOCKER_BUILDKIT=1;';

/** Images, registries and builds. The registry is on 127.0.0.1:5000. */
export const images: readonly Row[] = [
  { does: 'images', run: 'docker images --format "{{.Repository}}"', prints: /busybox/ },
  { does: 'tag and rmi', run: 'docker tag busybox mine:1; docker rmi mine:1', prints: /Untagged: mine:1/ },
  {
    does: 'image inspect and history',
    run: 'docker image inspect -f "{{.Config.Cmd}}" busybox; docker history -q busybox',
    prints: /\/bin\/sh/,
  },
  {
    does: 'push and pull',
    run: `docker tag busybox 127.0.0.1:5000/team/tool:1; docker push 127.0.0.1:5000/team/tool:1
docker rmi 127.0.0.1:5000/team/tool:1; docker pull 127.0.0.1:5000/team/tool:1; docker run --rm 127.0.0.1:5000/team/tool:1 echo pulled`,
    prints: /pulled$/m,
  },
  {
    does: 'pull by digest',
    run: `at=$(docker image inspect -f '{{index .RepoDigests 0}}' 127.0.0.1:5000/team/tool:1); docker pull "$at"`,
    prints: /sha256:/,
  },
  { does: 'pull --all-tags', run: 'docker pull -a 127.0.0.1:5000/team/tool', prints: /team\/tool/ },
  {
    does: 'run pulls what is missing',
    run: 'docker rmi 127.0.0.1:5000/team/tool:1 >/dev/null; docker run --rm 127.0.0.1:5000/team/tool:1 echo came; docker rmi 127.0.0.1:5000/team/tool:1 >/dev/null',
    prints: /came/,
  },
  {
    does: 'login and logout',
    run: 'echo pass | docker login -u dev --password-stdin 127.0.0.1:5000; docker logout 127.0.0.1:5000',
    prints: /Login Succeeded/,
  },
  {
    does: 'save and load',
    run: 'docker save busybox | gzip > b.tgz; docker load -i b.tgz; rm b.tgz',
    prints: /Loaded image: busybox:latest/,
  },
  {
    does: 'save of several',
    run: 'docker save -o two.tar busybox web; tar -tf two.tar | grep -c .; rm two.tar',
  },
  {
    does: 'build by the classic builder, with --build-arg and --label',
    run: `${legacy} docker build -t classic --build-arg VERSION=7 --label a=b app; docker run --rm classic; docker rmi classic >/dev/null`,
    prints: /version 7/,
  },
  {
    does: 'build with limits and --no-cache by the classic builder',
    run: `${legacy} docker build --no-cache --memory 64m --shm-size 8m --ulimit nofile=512 -t limited app; docker rmi limited`,
    prints: /Successfully tagged limited/,
  },
  {
    does: 'build from stdin by the classic builder',
    run: `${legacy} printf 'FROM busybox\\nRUN true\\n' | docker build -t piped -; docker rmi piped`,
    prints: /Successfully tagged piped/,
  },
  {
    does: 'build of one stage by the classic builder',
    run: `${legacy} docker build -f app/Stages.Dockerfile -t staged app; docker run --rm staged; docker rmi staged >/dev/null`,
    prints: /compiled/,
  },
  {
    does: 'build --network none by the classic builder',
    run: `${legacy} docker build --network none -t offline app; docker rmi offline`,
    prints: /Successfully tagged offline/,
  },
  {
    does: 'build by BuildKit, with --build-arg and --iidfile',
    run: `${buildkit} docker build --iidfile id -t kit --build-arg VERSION=8 app; docker run --rm "$(cat id)"; rm id; docker rmi kit >/dev/null`,
    prints: /version 8/,
  },
  {
    does: 'build with --secret',
    run: `${buildkit} docker build --secret id=token,src=app/token -f app/Secret.Dockerfile -t sealed app; docker run --rm sealed; docker rmi sealed >/dev/null`,
    prints: /12/,
  },
  {
    does: 'build --target with --output to a folder',
    run: `${buildkit} docker build --target artefact -f app/Stages.Dockerfile -o "$SCRATCH/out" app; cat "$SCRATCH/out/out"`,
    prints: /compiled/,
  },
  {
    does: 'buildx build --load with --cache-from and --progress',
    run: 'docker buildx build --load --no-cache --progress plain -t loaded app; docker run --rm loaded; docker rmi loaded >/dev/null',
    prints: /version none/,
  },
  {
    does: 'buildx build --push',
    run: `${buildkit} docker buildx build -t 127.0.0.1:5000/team/app:1 app; docker push 127.0.0.1:5000/team/app:1; docker rmi 127.0.0.1:5000/team/app:1`,
    prints: /digest: sha256/,
  },
  {
    does: 'buildx ls and inspect',
    run: 'docker buildx ls; docker buildx inspect default',
    prints: /running/,
  },
  { does: 'buildx du', run: 'docker buildx du', prints: /Total/ },
  { does: 'builder prune', run: 'docker builder prune -f', prints: /Total/ },
  { does: 'image prune', run: 'docker image prune -f', prints: /Total reclaimed space/ },
];
