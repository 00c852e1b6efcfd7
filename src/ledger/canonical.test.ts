import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical.ts';

// RFC 8785, 3.2.3 and the examples of its appendices.
test.each([
  [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
  [
    { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, ö: 7 },
    '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  ],
  [[333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0], '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]'],
  ['\u20ac$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
  ['\ud800', '"\ufffd"'],
])('canonicalJson() writes %j', (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test('canonicalJson() gives one text for a value, whatever the order of its keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed());
      // jsonValue() makes JSON, under a type of its own.
      const texts = [value, turned].map((one) => canonicalJson(one as Parameters<typeof canonicalJson>[0]));
      expect(texts[0]).toBe(texts[1]);
      expect(JSON.parse(texts[0] ?? '')).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
