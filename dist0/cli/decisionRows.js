import { printable } from '../model/printable.js';
import { showTime } from './times.js';
/** Longer than every id, name or reference that a client sends in earnest. */
const longest = 400;
/** The columns of a list of decisions; denials need not say that they are. */
export function decisionColumns(all) {
    return [
        { title: 'TIME' },
        { title: 'ID' },
        ...(all ? [{ title: 'DECISION' }] : []),
        { title: 'SUBJECT', least: 10 },
        { title: 'ACTION', least: 16 },
        { title: 'ON', least: 12 },
        { title: 'RULES', least: 18 },
    ];
}
export function decisionRow(record, all, zone) {
    const { id, time, decision, subject, action, count, violations = [] } = record;
    const verdict = decision === 'deny' ? { text: 'deny', paint: 'red' } : { text: 'allow', paint: 'green' };
    return [
        { text: showTime(Date.parse(time), zone) },
        { text: id },
        ...(all ? [verdict] : []),
        { text: printable(subject.name, longest) },
        { text: count === undefined ? action : `${action} (${count} times)` },
        { text: printable(thingOf(record), longest) },
        { text: violations.map(({ rule }) => printable(rule, longest)).join(', '), paint: 'bold' },
    ];
}
/** What a request is about: the name that it asks for, and the image. */
export function thingOf({ resource, object }) {
    const images = object?.['images'];
    const [first] = Array.isArray(images) ? images : [];
    const image = typeof first?.ref === 'string' ? first.ref : '';
    const name = resource?.ref ?? '';
    return [name, image === name ? '' : image].filter((part) => part !== '').join(' of ');
}
export function groupColumns(by, all) {
    return [
        { title: by.toUpperCase(), least: 12 },
        { title: all ? 'DECISIONS' : 'DENIALS' },
        ...(all ? [{ title: 'DENIED' }] : []),
        { title: 'FIRST' },
        { title: 'LAST' },
    ];
}
export function groupRow({ key, count, denied, first, last }, all, zone) {
    return [
        { text: key === undefined ? '(none)' : printable(key, longest), paint: 'bold' },
        { text: String(count) },
        ...(all ? [{ text: String(denied) }] : []),
        { text: showTime(first, zone) },
        { text: showTime(last, zone) },
    ];
}
/** A group for a program, under the name of what it has in common. */
export function groupJson(by, { key, count, denied, first, last }) {
    const iso = (time) => new Date(time).toISOString();
    return { [by]: key ?? null, count, denied, first: iso(first), last: iso(last) };
}
