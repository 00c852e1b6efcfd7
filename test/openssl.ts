import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate and its key, as files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Wanted {
  /** As `openssl req -subj` takes it: `/O=Acme/OU=Web/CN=alice`. */
  readonly subject: string;
  /** Extensions, a line each: `subjectAltName = DNS:a.example`. */
  readonly extensions?: readonly string[];
  /** How many days it holds from now; of one that has expired, less than none. */
  readonly days?: number;
}

const extensionsOfAuthority = ['basicConstraints = critical, CA:TRUE', 'keyUsage = critical, keyCertSign'];

/** Makes certificates in a folder with the real openssl. */
export class Openssl {
  readonly #folder: string;
  #made = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** One that may sign others; by `by` where it is not its own. */
  authority(subject: string, by?: Certificate): Certificate {
    return this.issue({ subject, extensions: extensionsOfAuthority }, by);
  }

  /** A certificate that `by` signs, or it itself does. */
  issue({ subject, extensions = [], days = 2 }: Wanted, by?: Certificate): Certificate {
    const [key, request, cert, file] = ['key.pem', 'csr.pem', 'cert.pem', 'ext.cnf'].map((name) =>
      join(this.#folder, `${this.#made}-${name}`),
    ) as [string, string, string, string];
    this.#made += 1;
    writeFileSync(file, extensions.map((line) => `${line}\n`).join(''));
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-utf8',
      '-subj',
      subject,
      '-keyout',
      key,
      '-out',
      request,
    );
    const signer =
      by === undefined ? ['-signkey', key] : ['-CA', by.cert, '-CAkey', by.key, '-CAcreateserial'];
    openssl('x509', '-req', '-in', request, '-out', cert, '-days', String(days), '-extfile', file, ...signer);
    return { cert, key };
  }
}

/** Certificates as one file: a client shows all of them, its own first. */
export function chained(folder: string, first: Certificate, ...others: readonly Certificate[]): Certificate {
  const cert = join(folder, 'chain.pem');
  writeFileSync(cert, [first, ...others].map((one) => readFileSync(one.cert, 'utf8')).join(''));
  return { cert, key: first.key };
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
