import { describe, expect, it } from 'vitest';
import { Refusal } from '../model/error.ts';
import { parseChanges } from './changes.ts';

describe('parseChanges()', () => {
  it.each<[string[], object]>([
    [['USER 1000'], { user: '1000' }],
    [['user\tapp:app '], { user: 'app:app' }],
    // The last one counts, whether in one value or in two.
    [['USER 1000', 'USER 0'], { user: '0' }],
    [['USER 1000\nUSER 0'], { user: '0' }],
    [['USER 1000\r\n\nEXPOSE 80'], { user: '1000' }],
    [['ENV A=1 B="two words" C=it\\ is', 'ENV D the whole value E=5'], { env: ['A', 'B', 'C', 'D'] }],
    [['ENV A="x B=1"'], { env: ['A'] }],
    [['ENV A=$HOME'], { env: ['A'] }],
    [
      ['LABEL a=1 "b c"="d\\"e" f=\'g h\''],
      {
        labels: [
          ['a', '1'],
          ['b c', 'd"e'],
          ['f', 'g h'],
        ],
      },
    ],
    [['LABEL name the value'], { labels: [['name', 'the value']] }],
    [['VOLUME ["/a", "/b c"]', 'VOLUME /d /e'], { volumes: ['/a', '/b c', '/d', '/e'] }],
    [['CMD ["sh", "-c", "echo $A \\"x\\""]', 'ENTRYPOINT ls -l', 'WORKDIR $HOME', 'ONBUILD RUN ls'], {}],
    [['HEALTHCHECK --interval=5s CMD true', 'STOPSIGNAL SIGINT'], {}],
    [[], {}],
  ])('%j', (values, expected) => {
    const { labels, ...changes } = parseChanges(values);
    expect({ ...changes, labels: [...labels] }).toEqual({ env: [], volumes: [], labels: [], ...expected });
  });

  it.each([
    // The next value would be a part of this line.
    ['goes on in the next line', ['ENV A=\\', 'USER 0']],
    ['goes on in the next line', ['USER 1000 \\ ']],
    // `escape=` makes a backtick what a backslash is.
    ['is a comment', ['# escape=`']],
    ['is a comment', ['  #']],
    // What follows is content up to its end, and would read as instructions.
    ['here-document', ['USER 0\nONBUILD RUN <<CMD\nUSER 1000\nCMD']],
    ['quotes, variables', [`USER \${UID}`]],
    ['quotes, variables', ['USER $UID']],
    ['quotes, variables', ['USER "0"']],
    ['quotes, variables', ['USER \\0']],
    ['quotes, variables', ['USER']],
    ['quotes, variables', ['ENV "A"=1']],
    ['variable', ['LABEL a=$B']],
    ['name without a value', ['ENV A=1 B']],
    ['name without a value', ['LABEL a']],
    ['begins with a flag', ['USER --x 0']],
    ['is not an instruction', ['RUN id']],
    ['is not an instruction', ['FROM scratch']],
    ['is not an instruction', ['\u212aSER 0']],
    // Go takes these for blanks or not for blanks, JavaScript the other way round.
    ['characters', ['USER\u00a00']],
    ['characters', ['USER 1000\u00850']],
    ['characters', ['USER\u000b0']],
    ['characters', ['USER \u20280']],
    ['characters', ['USER 1\r0']],
  ])('refuses what %s: %j', (why, values) => {
    expect(() => parseChanges(values)).toThrow(Refusal);
    expect(() => parseChanges(values)).toThrow(why);
  });
});
