import { parser } from '@prometheus-io/lezer-promql';

/** What an expression wants of a label, as in `step="commit"`. */
export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** One metric that an expression asks for. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

/** What of a PromQL expression can be held against metrics. */
export interface Expression {
  readonly selectors: readonly Selector[];
  /** Labels by which it groups or joins, each with the metrics that it does so with. */
  readonly grouping: readonly { readonly label: string; readonly metrics: readonly string[] }[];
  /** The labels that are left by its outermost aggregation; undefined: there is none. */
  readonly left: readonly string[] | undefined;
}

type Node = ReturnType<typeof parser.parse>['topNode'];

/** What would need more thought here, and none of our expressions needs. */
const unread = /^(?:Quoted.*|Without|Ignoring|GroupLeft|GroupRight)$/;

/** These choose among series, which keep their labels. */
const choosing = /^(?:topk|bottomk)\b/;

/** Reads PromQL by Prometheus' own grammar. Throws for what is none, and for what is not read here. */
export function readExpression(text: string): Expression {
  const wordsOf = (node: Node, type: string) =>
    node.getChildren(type).map(({ from, to }) => text.slice(from, to));
  const wordOf = (node: Node, type: string) => wordsOf(node, type)[0] ?? '';
  const matcherOf = (node: Node): Matcher => ({
    label: wordOf(node, 'LabelName'),
    operator: wordOf(node, 'MatchOp'),
    value: wordOf(node, 'StringLiteral').slice(1, -1),
  });
  const found: (Selector & { readonly at: number })[] = [];
  const groups: { readonly labels: readonly string[]; readonly whole: Node }[] = [];
  const aggregations: Node[] = [];
  parser.parse(text).iterate({
    enter({ node, type }) {
      if (type.isError) throw new Error(`no PromQL from character ${node.from} on: ${text}`);
      if (unread.test(type.name)) throw new Error(`${type.name} is not read here: ${text}`);
      if (type.name === 'VectorSelector') {
        const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
        found.push({ metric: wordOf(node, 'Identifier'), at: node.from, matchers: matchers.map(matcherOf) });
      }
      // Its parent is the clause `by (...)` or `on (...)`, whose parent is all that it speaks of.
      const whole = node.parent?.parent;
      if (type.name === 'GroupingLabels' && whole) groups.push({ labels: wordsOf(node, 'LabelName'), whole });
      if (type.name === 'AggregateExpr' && !choosing.test(text.slice(node.from, node.to)))
        aggregations.push(node);
    },
  });
  const [outermost] = aggregations;
  return {
    selectors: found,
    grouping: groups.flatMap(({ labels, whole: { from, to } }) => {
      const metrics = found.filter(({ at }) => at >= from && at < to).map(({ metric }) => metric);
      return labels.map((label) => ({ label, metrics }));
    }),
    left:
      outermost &&
      (groups.find(({ whole }) => whole.from === outermost.from && whole.to === outermost.to)?.labels ?? []),
  };
}
