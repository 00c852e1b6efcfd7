import { createHash } from 'node:crypto';
import { compilePolicy } from '../policy/compile.js';
import { fileError, findPolicyFiles, identityOf, shownName } from './find.js';
import { policyFormat } from './policyformat.js';
import { readText } from './readtext.js';
import { word } from './word.js';
import { parseDocuments } from './yaml.js';
/**
 * Loads the policy set of folders and files: all of it, or every error that keeps it from being whole.
 * Each path must bring a document, so that a set which lost its files is noticed. The digest is SHA-256
 * over the files' texts in order, whatever they are called. Never throws.
 */
export async function loadPolicySet(paths) {
    const errors = [];
    const documents = [];
    const texts = [];
    const seen = new Set();
    for (const path of paths) {
        const found = await findPolicyFiles(path);
        const read = await readFiles(found.files, seen);
        errors.push(...found.errors, ...read.errors);
        documents.push(...read.documents);
        texts.push(...read.texts);
        const broken = found.errors.length + read.errors.length > 0;
        if (!broken && read.documents.length === 0 && !read.repeated)
            errors.push(noneError(found));
    }
    errors.push(...duplicateNames(documents));
    if (documents.length === 0 && errors.length === 0)
        errors.push(fileError('policy-none', '.', 'no policies are named'));
    if (errors.length > 0)
        return { ok: false, errors };
    const policies = documents.map((document) => compilePolicy(policyDocument(document)));
    const digest = createHash('sha256')
        .update(JSON.stringify(texts.map(({ text }) => text)))
        .digest('hex');
    const set = { digest, documents: documents.length, policies };
    return { ok: true, set, files: texts.length, texts, warnings: warningsOf(set, documents) };
}
/**
 * The policies of files that were read before, as the ledger keeps them; undefined where this version does not take
 * them as they are. Never throws.
 */
export function policiesIn(texts) {
    const parsed = texts.map(({ file, text }) => parseDocuments(text, file, policyFormat));
    if (parsed.some(({ errors }) => errors.length > 0))
        return undefined;
    return parsed.flatMap(({ documents }) => documents.map((document) => compilePolicy(policyDocument(document))));
}
async function readFiles(files, seen) {
    const errors = [];
    const documents = [];
    const texts = [];
    let repeated = false;
    for (const file of files) {
        const identity = await identityOf(file);
        if (seen.has(identity)) {
            repeated = true;
            continue;
        }
        seen.add(identity);
        const read = await readText(file);
        if ('error' in read) {
            errors.push(read.error);
            continue;
        }
        const parsed = parseDocuments(read.text, shownName(file), policyFormat);
        errors.push(...parsed.errors);
        documents.push(...parsed.documents);
        texts.push({ file: shownName(file), text: read.text });
    }
    return { errors, documents, texts, repeated };
}
function noneError({ path, folder, files }) {
    const message = folder && files.length === 0
        ? 'no policy file in this folder: it has no *.yaml directly in it'
        : 'no Policy document, so that everything would be allowed';
    return fileError('policy-none', path, message);
}
function duplicateNames(documents) {
    const errors = [];
    const first = new Map();
    for (const { kind, value, file, valueAt } of documents) {
        const { name } = value.metadata;
        const at = valueAt(['metadata', 'name']);
        const other = first.get(`${kind}/${name}`);
        if (other === undefined)
            first.set(`${kind}/${name}`, `${file}:${at.line}`);
        else {
            const message = `${word(name)} is the name of another ${kind}, at ${other}`;
            errors.push({ code: 'policy-duplicate-name', file, at, message, hint: 'choose another name' });
        }
    }
    return errors;
}
function policyDocument({ value, file, keyAt }) {
    const source = (at) => ({ file, line: at.line });
    const { metadata, spec } = value;
    return {
        name: metadata.name,
        profile: spec.profile,
        profileSource: source(keyAt(['spec', 'profile'])),
        controls: new Map(Object.entries(spec.controls ?? {}).map(([name, parameters]) => [
            name,
            { parameters, source: source(keyAt(['spec', 'controls', name])) },
        ])),
    };
}
function warningsOf({ policies }, [first]) {
    if (first === undefined || policies.some(({ checks }) => checks.length > 0))
        return [];
    const message = 'no policy has a control, so that everything is allowed';
    const hint = 'profile: baseline stops the known ways out';
    const at = first.keyAt(['spec', 'profile']);
    return [{ code: 'policy-no-control', file: first.file, at, message, hint }];
}
