import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseModel } from '../../src/models/config.js';
import { checkedBase } from '../../src/models/http.js';
import { makeProvider } from '../../src/models/provider.js';
import { redactor } from '../../src/models/redact.js';
import { SECRET } from './servers/asked.js';

const given = { ...process.env };
let dir: string;
beforeEach(() => {
  for (const name of ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'OPENAI_API_KEY']) delete process.env[name];
  dir = mkdtempSync(join(tmpdir(), 'tunesmith-key-'));
});
afterEach(() => {
  process.env = { ...given };
  rmSync(dir, { recursive: true });
});

function file(name: string, text: string, mode = 0o600): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('a model', () => {
  it('is named in one word', () => {
    expect(parseModel('gemini:gemini-3.8-flash')).toMatchObject({
      provider: 'gemini',
      model: 'gemini-3.8-flash',
    });
    expect(parseModel('openai:qwen3:8b@http://127.0.0.1:11434/v1')).toMatchObject({
      model: 'qwen3:8b',
      baseUrl: 'http://127.0.0.1:11434/v1',
    });
    expect(parseModel('command:agent -p --quiet')).toMatchObject({ command: ['agent', '-p', '--quiet'] });
  });

  it('is configured in a file', () => {
    const path = file(
      'm.json',
      '{"provider":"gemini","model":"gemini-2.5-flash","thinkingBudget":10000,"temperature":0.5,"timeout":"90s"}',
    );
    expect(parseModel(path)).toMatchObject({ thinkingBudget: 10_000, timeout: 90_000, attempts: 4 });
  });

  it.each([
    ['gemni:x', 'did you mean gemini'],
    ['gemini:', 'names no model'],
    ['gemini', 'names no model'],
    ['/nowhere/m.json', 'cannot be read'],
  ])('%s is refused', (spec, why) => {
    expect(() => parseModel(spec)).toThrow(
      expect.toSatisfy((e: Error & { hint?: string }) => `${e.message} ${e.hint}`.includes(why)),
    );
  });

  it.each([
    ['{"provider":"gemini"}', 'model'],
    ['{"provider":"gemini","model":"x","key":"abc"}', 'Unrecognized key'],
    ['{"provider":"gemini","model":"x","timeout":"90"}', 'timeout'],
    ['{', 'not valid JSON'],
  ])('a file with %s is refused', (text, why) => {
    expect(() => parseModel(file('m.json', text))).toThrow(why);
  });
});

describe('a key', () => {
  it('that is missing is named, and the way without', () => {
    const thrown = (spec: string) => {
      try {
        makeProvider(parseModel(spec));
      } catch (error) {
        return error as Error & { hint: string };
      }
    };
    const error = thrown('gemini:gemini-3.8-flash');
    expect(error?.message).toContain('GEMINI_API_KEY is not set');
    expect(error?.hint).toContain('`--tuner expert` needs no key');
    expect(thrown('openai:gpt-x')?.message).toContain('OPENAI_API_KEY');
    expect(thrown('openai:qwen@http://127.0.0.1:1/v1')).toBeUndefined();
  });

  it.each([0o644, 0o640, 0o620, 0o604])('in a file of mode %o is refused', (mode) => {
    const config = { ...parseModel('gemini:x'), keyFile: file('key', SECRET, mode) };
    expect(() => makeProvider(config as never)).toThrow('others may have read the key');
  });

  it('in a file of mode 0600 is taken, and has to be one key', () => {
    const config = (text: string) => ({ ...parseModel('gemini:x'), keyFile: file('key', text) }) as never;
    expect(makeProvider(config(`${SECRET}\n`)).redact(`a ${SECRET} b`)).toBe('a [redacted] b');
    expect(() => makeProvider(config('two words'))).toThrow('one key and nothing else');
    expect(() => makeProvider(config(''))).toThrow('one key and nothing else');
  });

  it('goes over https or stays here', () => {
    expect(checkedBase('https://example.org/v1/')).toBe('https://example.org/v1');
    expect(checkedBase('http://localhost:11434/v1')).toBe('http://localhost:11434/v1');
    for (const bad of ['http://example.org', 'http://localhost.example.org', 'ftp://x', 'x'])
      expect(() => checkedBase(bad)).toThrow('baseUrl');
    expect(() => checkedBase(`https://me:${SECRET}@example.org`)).toThrow(
      expect.toSatisfy((error: Error) => !error.message.includes(SECRET)),
    );
  });

  it('of a usual shape is redacted, whoever’s it is', () => {
    const text = redactor([])(
      `AIza${'x'.repeat(35)} sk-${'y'.repeat(24)} Bearer abcdefgh.ijk task-scheduler`,
    );
    expect(text).toBe('[redacted] [redacted] Bearer [redacted] task-scheduler');
  });
});
