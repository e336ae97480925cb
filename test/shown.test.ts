import { describe, expect, it } from 'vitest';
import { oneLine, printable, shown, shownDeep } from '../src/shown.js';
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

/** Everything that moves a cursor, hides, reorders or breaks text, but newline and tab. */
const UNSAFE = [
  ...Array.from({ length: 0x20 }, (_, code) => code).filter((code) => code !== 9 && code !== 10),
  ...Array.from({ length: 0x21 }, (_, i) => 0x7f + i),
  ...[0x00ad, 0x061c, 0x115f, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029],
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0x3164, 0xfe0f, 0xfeff],
  ...[0xd800, 0xdfff, 0xe000, 0xfffe, 0xffff, 0xe0001, 0xe0041, 0xe007f, 0xe0100, 0x10ffff],
].map((code) => String.fromCodePoint(code));

describe('text for a terminal', () => {
  it.each(UNSAFE.map((char) => [(char.codePointAt(0) as number).toString(16), char]))(
    'escapes U+%s',
    (_, char) => {
      for (const safe of [printable(`a${char}b`), oneLine(`a${char}b`)]) {
        expect(safe).not.toContain(char);
        expect(safe).toMatch(/^a(\\u[0-9a-f]{4}){1,2}b$/);
      }
    },
  );

  it.each(HOSTILE.map((text) => [JSON.stringify(text).slice(0, 60), text]))(
    '%s keeps its JSON meaning',
    (_, text) => {
      expect(JSON.parse(printable(JSON.stringify({ [text]: text })))).toEqual(
        JSON.parse(JSON.stringify({ [text]: text })),
      );
      expect(oneLine(text)).not.toMatch(/[\n\t]/);
      expect(oneLine(text, 40).length).toBeLessThanOrEqual(40);
    },
  );

  it('leaves letters of all scripts, newlines and tabs', () => {
    const text = 'größe\tпоток\n調整 é 3 µs ✓ │ ▁▂';
    expect(printable(text)).toBe(text);
    expect(oneLine('größe 調整')).toBe('größe 調整');
  });
});
