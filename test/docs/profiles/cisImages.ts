import type { Row } from './row.ts';

const unseen = 'Not covered: the Dockerfile travels inside the build, where no request shows it.';
const inside =
  'Not covered: Bulwark looks into no image. A scanner in CI does, and `images` lets pass what comes from there.';

/** Section 4 of the CIS Docker Benchmark, images and build files; v1.6.0 and v1.7.0 number alike. */
export const cisImages: readonly Row[] = [
  {
    item: '4.1',
    asks: 'The image has a user for the container.',
    controls: ['user'],
    against: [{ config: { User: '' } }],
    differs:
      "Held against the container, not the image: it runs as no root, by its own --user or by the image's USER where the daemon can be asked.",
  },
  {
    item: '4.2',
    asks: 'Only base images that are trusted.',
    controls: ['images'],
    against: [{ config: { Image: 'someone/app:1' } }],
    add: { images: { allowRegistries: ['registry.example.com'] } },
    differs:
      'Which images are trusted every site decides. It is held against what is pulled and run; the `FROM` of a Dockerfile is not seen.',
  },
  { item: '4.3', asks: 'No package that is not needed.', controls: [], differs: inside },
  { item: '4.4', asks: 'Images are scanned, and rebuilt with fixes.', controls: [], differs: inside },
  {
    item: '4.5',
    asks: 'Content trust is switched on.',
    controls: [],
    differs:
      "Not covered: signatures are checked by the client, under a setting of the client's. `images: { requireDigest: true }` makes requests name the very content.",
  },
  {
    item: '4.6',
    asks: 'The image has a HEALTHCHECK.',
    controls: [],
    differs: 'Not covered: what lacks one harms nobody but itself.',
  },
  {
    item: '4.7',
    asks: 'No update instruction that stands alone and is cached.',
    controls: [],
    differs: unseen,
  },
  {
    item: '4.8',
    asks: 'No set-user-ID and set-group-ID files.',
    controls: ['noNewPrivileges'],
    against: [{ host: { SecurityOpt: [] } }],
    differs: 'The files stay, and give no rights: the kernel ignores these bits under no-new-privileges.',
  },
  { item: '4.9', asks: 'COPY instead of ADD.', controls: [], differs: unseen },
  {
    item: '4.10',
    asks: 'No secrets in Dockerfiles.',
    controls: ['build'],
    against: [{ uri: `/v1.44/build?buildargs=${encodeURIComponent(JSON.stringify({ DB_PASSWORD: 'x' }))}` }],
    differs:
      'Build arguments with names like secrets are denied, since they stay in the image. What the Dockerfile itself holds is not seen.',
  },
  { item: '4.11', asks: 'Only packages that were verified.', controls: [], differs: unseen },
  {
    item: '4.12',
    asks: 'Signed artifacts are validated.',
    controls: [],
    differs: 'Not covered: as with 4.5, who takes an artifact checks its signature, not the daemon.',
  },
];
