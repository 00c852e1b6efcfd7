import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const baseline = join(import.meta.dirname, '../../../policies/baseline.yaml');

/** Beside the baseline: who has a name may use containers, `web` makes volumes, and each binds a folder of their own. */
const people = `
apiVersion: bulwark/v1
kind: Subjects
metadata: { name: people }
spec: { groups: { web: { members: ["ou:Web", "claim:team=web"] } } }
---
apiVersion: bulwark/v1
kind: Access
metadata: { name: people }
spec:
  subjects: ["group:system:authenticated"]
  allow: [{ actions: ["system.*", "image.*", "container.*", "exec.*", "build"] }]
---
apiVersion: bulwark/v1
kind: Access
metadata: { name: web }
spec:
  subjects: ["group:web"]
  allow: [{ actions: ["volume.*"] }]
---
apiVersion: bulwark/v1
kind: Policy
metadata: { name: people }
spec: { controls: { binds: { allowPaths: ["/srv/{subject}/**"] } } }
`;

/** Writes them into a folder that is made. */
export function writePolicies(folder: string): void {
  mkdirSync(folder);
  copyFileSync(baseline, join(folder, 'baseline.yaml'));
  writeFileSync(join(folder, 'people.yaml'), people);
}
