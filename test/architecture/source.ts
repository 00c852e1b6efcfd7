/** A source file's code without its comments and without what stands in its strings and regular expressions. */
export interface Source {
  /** Each string is `'n'`, n being its place in `strings`; code in `${}` of a template stays code. */
  readonly code: string;
  readonly strings: readonly string[];
}

/** Before a `/`, these make it a division; anything else makes it the start of a regular expression. */
const endsOperand = /[\w$)\]}]\s*$/;
const endsKeyword = /\b(?:return|typeof|case|in|of|yield|await|else|do|void|delete)\s*$/;

/** Matches at the start of what is left. */
const comment = /^(?:\/\/[^\n]*|\/\*[\s\S]*?\*\/)/;
const text = /^(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)")/;
const regularExpression = /^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/;
const templatePart = /^(?:\\[\s\S]|[^`\\$]|\$(?!\{))*/;

/** Reads TypeScript as far as this test needs it. */
export function readSource(source: string): Source {
  const strings: string[] = [];
  let code = '';
  let rest = source;
  /** Of each template that the code is inside of, how many braces are open in its `${}`. */
  const templates: number[] = [];

  const take = (length: number, replacement: string) => {
    rest = rest.slice(length);
    code += replacement;
  };
  const keep = (value: string) => `'${strings.push(value) - 1}'`;
  const template = () => {
    const part = templatePart.exec(rest)?.[0] ?? '';
    const ends = rest[part.length] === '`';
    take(part.length + (ends ? 1 : 2), keep(part));
    if (ends) return;
    templates.push(0);
    code += '+(';
  };

  while (rest !== '') {
    const skipped = comment.exec(rest);
    const string = text.exec(rest);
    const open = templates.at(-1);
    if (skipped) take(skipped[0].length, ' ');
    else if (string) take(string[0].length, keep(string[1] ?? string[2] ?? ''));
    else if (rest.startsWith('`')) {
      rest = rest.slice(1);
      template();
    } else if (rest.startsWith('}') && open === 0) {
      templates.pop();
      take(1, ')+');
      template();
    } else if (rest.startsWith('/') && (!endsOperand.test(code) || endsKeyword.test(code))) {
      take(regularExpression.exec(rest)?.[0].length ?? 1, '/0/');
    } else {
      if (open !== undefined && rest.startsWith('{')) templates.splice(-1, 1, open + 1);
      if (open !== undefined && rest.startsWith('}')) templates.splice(-1, 1, open - 1);
      take(1, rest.charAt(0));
    }
  }
  return { code, strings };
}

/** One module that a file names. */
export interface Import {
  /** Undefined where it is computed, so that nobody can tell. */
  readonly target: string | undefined;
  /** Only for types: nothing of it is there when the program runs. */
  readonly typeOnly: boolean;
}

/** Every `import`, `export ... from`, `import()` and `require()` of a file. */
export function importsOf({ code, strings }: Source): readonly Import[] {
  const named = (index: string | undefined) => (index === undefined ? undefined : strings[Number(index)]);
  const statements = [...code.matchAll(/\b(?:import|export)(\s+type)?\b[^;'()]*?\bfrom\s*'(\d+)'/g)];
  const bare = [...code.matchAll(/\bimport\s*'(\d+)'/g)];
  const calls = [...code.matchAll(/\b(?:import|require)\s*\(\s*(?:'(\d+)'\s*[,)])?/g)];
  return [
    ...statements.map(([, type, index]) => ({ target: named(index), typeOnly: type !== undefined })),
    ...bare.map(([, index]) => ({ target: named(index), typeOnly: false })),
    ...calls.map(([, index]) => ({ target: named(index), typeOnly: false })),
  ];
}
