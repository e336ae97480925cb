import { describe, expect, it } from 'vitest';
import { shown, shownDeep } from '../src/shown.js';
import { HOSTILE } from './hostile.js';

/** What no text of a stranger may still have in it. */
const DANGEROUS = /[^\x20-\x7eµ–—…×·−’“”≤≥§]|[<>&`]/u;

describe('text of strangers', () => {
  it('comes in at least fifty hostile forms here', () => {
    expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(50);
  });

  it.each(HOSTILE.map((text) => [JSON.stringify(text).slice(0, 60), text]))(
    '%s is made harmless',
    (_, text) => {
      const safe = shown(text);
      expect(safe).not.toMatch(DANGEROUS);
      expect(safe.length).toBeLessThanOrEqual(1000);
      expect(shown(safe)).toBe(safe);
      expect(shown(text, 32).length).toBeLessThanOrEqual(32);
    },
  );

  it('is left as it is when it is plain', () => {
    expect(shown('kworker/0:1-events (sd-pam) [100%] a=b')).toBe('kworker/0:1-events (sd-pam) [100%] a=b');
    expect(shown('3 ms × 4 = 12 µs')).toBe('3 ms × 4 = 12 µs');
  });

  it('shows what was taken out', () => {
    expect(shown('a\x1b[31mb\nc\u202ed<e')).toBe('a\\x1b[31mb\\x0ac\\u{202e}d\\x3ce');
  });

  it('is reached wherever it hides, names of fields included', () => {
    const safe = shownDeep({ a: ['x\n', { 'k\x1b': 'v`' }], n: 1, b: true, z: null });
    expect(safe).toEqual({ a: ['x\\x0a', { 'k\\x1b': 'v\\x60' }], n: 1, b: true, z: null });
  });
});
