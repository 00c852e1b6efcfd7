import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedPages } from './pages.ts';

// `npm run docs`
for (const [path, text] of generatedPages()) {
  writeFileSync(join(import.meta.dirname, '..', '..', path), text);
  console.log(`written: ${path}`);
}
