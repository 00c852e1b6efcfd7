import { expect, test } from 'vitest';
import { parseImage } from '../normalize/image.ts';
import { imageMatches, repositoryMatches } from './imagePattern.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test.each([
  // Short names are Docker's official images; without a tag, any tag.
  ['alpine', 'alpine', true],
  ['alpine', 'alpine:3.20', true],
  ['alpine', `alpine@${digest}`, true],
  ['alpine', 'docker.io/library/alpine', true],
  ['docker.io/alpine', 'alpine', true],
  ['index.docker.io/library/alpine', 'alpine', true],
  ['alpine', 'someone/alpine', false],
  ['alpine', 'registry.example.com/alpine', false],
  ['alpine', 'registry.example.com/library/alpine', false],
  // A tag must match; a missing one is latest.
  ['alpine:3.*', 'alpine:3.20', true],
  ['alpine:3.*', 'alpine', false],
  ['alpine:latest', 'alpine', true],
  ['alpine:3.*', `alpine@${digest}`, false],
  ['alpine:3.*', `alpine:3.20@${digest}`, true],
  [`alpine@${digest}`, `alpine@${digest}`, true],
  [`alpine@${digest}`, 'alpine', false],
  // One star stays within a part of the name.
  ['*', 'alpine', true],
  ['*', 'team/app', false],
  ['team/*', 'team/app:1', true],
  ['team/*', 'team/sub/app', false],
  ['registry.example.com/**', 'registry.example.com/team/sub/app:1', true],
  ['registry.example.com/**', 'registry.example.com.evil.org/app', false],
  ['registry.example.com/**', 'docker.io/registry.example.com/app', false],
  ['registry.example.com:5000/*', 'registry.example.com:5000/app', true],
  ['registry.example.com:5000/*', 'registry.example.com/app', false],
  ['localhost/*', 'localhost/app', true],
  ['*.example.com/app', 'a.example.com/app', true],
  ['docker.io/**', 'team/app', true],
  ['**', 'registry.example.com/team/app@x', true],
  ['**/nginx', 'registry.example.com/team/nginx:1', true],
])('imageMatches(%j, %j) is %j', (pattern, image, expected) => {
  expect(imageMatches(pattern, parseImage(image))).toBe(expected);
});

test('repositoryMatches() leaves the tag aside', () => {
  expect(repositoryMatches('alpine:3.*', parseImage('alpine'))).toBe(true);
  expect(repositoryMatches('alpine:3.*', parseImage('nginx'))).toBe(false);
});
