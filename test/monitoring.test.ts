import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Exposed, labelsOf, missing, readExposed } from './monitoring/exposed.ts';
import { readExpression } from './monitoring/expression.ts';
import { root } from './process.ts';

const alertsSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Bulwark[A-Z]\w+$/),
          expr: z.string(),
          for: z.string().regex(/^\d+[smh]$/),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({
            summary: z.string().min(1),
            why: z.string().min(1),
            fix: z.string().min(1),
            runbook_url: z.string().regex(/^docs\/operations\.md#/),
          }),
        }),
      ),
    }),
  ),
});

const gridSchema = z.strictObject({ x: z.int(), y: z.int(), w: z.int().positive(), h: z.int().positive() });

const dashboardSchema = z.object({
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), query: z.string() })),
  }),
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string().min(1),
      type: z.string(),
      description: z.string().optional(),
      gridPos: gridSchema,
      targets: z
        .array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() }))
        .default([]),
    }),
  ),
});

const textOf = (path: string) => readFileSync(join(root, path), 'utf8');

const rules = alertsSchema.parse(parse(textOf('docs/alerts.yaml'))).groups.flatMap((group) => group.rules);
const dashboard = dashboardSchema.parse(JSON.parse(textOf('docs/grafana-dashboard.json')));
const targets = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ refId, expr, legendFormat }) => ({
    name: `${title}, ${refId}`,
    // What Grafana puts there.
    expr: expr.replaceAll(/\$__(?:rate_interval|range)/g, '5m'),
    legendFormat,
  })),
);

/** Labels in `{{ $labels.instance }}` or, of a legend, `{{instance}}`. */
const named = (text: string) =>
  [...text.matchAll(/\{\{ ?(?:\$labels\.)?(\w+) ?\}\}/g)].map(([, label = '']) => label);

let exposed: Exposed;

beforeAll(async () => {
  exposed = await readExposed();
});

describe('missing()', () => {
  it.each([
    ['bulwark_daemon_asks == 0', []],
    ['up{job="bulwark"} == 0', []],
    ['sum by (instance, le) (rate(bulwark_step_seconds_bucket{step="commit"}[5m]))', []],
    ['bulwark_daemon_ask == 0', ['metric bulwark_daemon_ask']],
    ['bulwark_decisions_total{decison="deny"}', ['label decison of bulwark_decisions_total']],
    ['bulwark_decisions_total{decision="denied"}', ['value ^(?:denied)$ of decision']],
    ['bulwark_violations_total{rule=~"facts-slow|facts-slo"}', ['value ^(?:facts-slo)$ of rule']],
    ['sum by (user) (bulwark_decisions_total)', ['label user of bulwark_decisions_total']],
    ['bulwark_info unless on (version) bulwark_daemon_asks', ['label version of bulwark_daemon_asks']],
    ['{__name__="up"}', ['metric ', 'label __name__ of ']],
  ])('of %s is %j', (expr, expected) => {
    expect(missing(expr, exposed)).toEqual(expected);
  });

  it.each(['bulwark_info +', 'sum without (instance) (bulwark_info)', 'bulwark_info{"version"="1"}'])(
    'does not pass over %s',
    (expr) => {
      expect(() => missing(expr, exposed)).toThrow(expr);
    },
  );
});

describe('docs/alerts.yaml', () => {
  it('has each alert once', () => {
    const names = rules.map(({ alert }) => alert);
    expect(names).toEqual([...new Set(names)]);
  });

  it.each(rules)('$alert asks for what is exposed', ({ expr }) => {
    expect(missing(expr, exposed)).toEqual([]);
  });

  it.each(rules)('$alert names labels that its result has', ({ expr, annotations }) => {
    const { summary, why, fix } = annotations;
    const labels = labelsOf(expr, exposed);
    expect(named([summary, why, fix].join()).filter((label) => !labels.has(label))).toEqual([]);
  });

  it.each(rules)('$alert leads to a section that there is', ({ annotations: { runbook_url } }) => {
    expect(anchorsOf('docs/operations.md')).toContain(runbook_url.replace(/^.*#/, ''));
  });
});

describe('docs/grafana-dashboard.json', () => {
  it.each(targets)('$name asks for what is exposed', ({ expr }) => {
    expect(missing(expr, exposed)).toEqual([]);
  });

  it.each(targets)('$name has a legend of labels that its result has', ({ expr, legendFormat }) => {
    const labels = labelsOf(expr, exposed);
    expect(named(legendFormat).filter((label) => !labels.has(label))).toEqual([]);
  });

  it('chooses among instances of a metric that there is', () => {
    const queries = dashboard.templating.list.filter(({ type }) => type === 'query');
    const [, metric = '', label] = /^label_values\((.*), (\w+)\)$/.exec(queries[0]?.query ?? '') ?? [];
    expect(missing(metric, exposed)).toEqual([]);
    expect([queries.length, label]).toEqual([1, 'instance']);
  });

  it('shows every metric of Bulwark', () => {
    const shown = new Set(
      targets.flatMap(({ expr }) => readExpression(expr).selectors.map(({ metric }) => metric)),
    );
    const hidden = [...exposed.keys()].filter((name) => !shown.has(name));
    expect(hidden).toEqual([]);
  });

  it('has panels that do not overlap, with numbers of their own, and says what each shows', () => {
    const { panels } = dashboard;
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(panels.filter(({ type, description }) => type !== 'row' && !description)).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  const text = textOf('docs/operations.md');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(
    ([, path = '', anchor]) => [path === '' ? 'docs/operations.md' : join('docs', path), anchor] as const,
  );

  it.each(links)('links to %s and its section %s', (path, anchor) => {
    expect(existsSync(join(root, path))).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(path)).toContain(anchor);
  });
});

/** The places in a page that a link can lead to: its headings as forges name them, and what has an id. */
function anchorsOf(path: string): readonly string[] {
  const text = textOf(path);
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)];
}
