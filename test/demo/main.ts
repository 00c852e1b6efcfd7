/** `npm run demo`. Exits 0 where every answer was the expected one. */
import { playDemo } from './play.ts';

const write = (line: string) => void process.stdout.write(`${line}\n`);

if (process.getuid?.() === 0) {
  const wrong = await playDemo(write);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} else {
  process.stderr.write(
    'error: the demo starts a private dockerd, which needs root: run `sudo npm run demo`.\n',
  );
  process.exitCode = 2;
}
