import { parseImage } from '../normalize/image.ts';

/** An image's name as the daemon completes it, so that every spelling of it is found. */
export function imageName(given: string): string {
  const { registry, repository, tag, digest } = parseImage(given);
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
