import { join } from 'node:path';
import { Command, Option } from 'commander';
import { resolveConfig } from '../config/config.js';
import { configSource, sources } from '../config/settings.js';
import { LedgerReader } from '../ledger/reader.js';
import { Refusal } from '../model/error.js';
import { formatFileError } from '../policyfiles/fileerror.js';
import { exits } from './exits.js';
/** A command that reads the ledger: the options that say where it is and how to answer. */
export function ledgerCommand(name, output = 'How to answer.') {
    return new Command(name)
        .addOption(new Option(configSource.flag, "Take the ledger's folder from this Config file."))
        .addOption(new Option(sources.data.flag, `The folder of the ledger. (${sources.data.variable}; default: as \`serve\`)`))
        .addOption(new Option('--output <format>', output).choices(['table', 'json']).default('table'));
}
/**
 * Does something with the ledger, opened so that it cannot be written. What it gives is the exit code; without a
 * ledger, or where it throws a `Refusal`, the error is on stderr and the exit code that of a misuse.
 */
export async function withLedger({ config, data }, work) {
    const uid = process.getuid?.() ?? 0;
    const flags = data === undefined ? {} : { data };
    const resolved = await resolveConfig({ configFile: config, flags, env: process.env, uid });
    if (!resolved.ok) {
        const lines = resolved.errors.map((error) => `${formatFileError(error)}\n`);
        process.stderr.write(`${lines.join('')}error: the configuration cannot be used; mend it, or name the ledger's folder with \`--data\`.\n`);
        return exits.no;
    }
    const path = join(resolved.config.data, 'ledger.db');
    let ledger;
    try {
        ledger = new LedgerReader(path);
        return await work(ledger, path);
    }
    catch (error) {
        if (!(error instanceof Refusal))
            throw error;
        return misuse(error.message, error.fix);
    }
    finally {
        ledger?.close();
    }
}
/** Says what is wrong and the way out; gives the exit code. */
export function misuse(message, remedy) {
    process.stderr.write(`error: ${message}\n${remedy}\n`);
    return exits.misuse;
}
/** What would steer a terminal, and JSON leaves as it is. */
const unprintable = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;
/** JSON that says the same and holds nothing that a terminal would obey; one line without `indent`. */
export function safeJson(value, indent) {
    return inert(JSON.stringify(value, null, indent));
}
/** Text that was made printable when it was written, so that it cannot steer a terminal whoever wrote it. */
export function inert(text) {
    return text.replace(unprintable, (char) => Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''));
}
