import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { circles, type Graph, graphOf, importsIn, misdirected } from './house/graph.js';
import { isDualLicensed, registryLine, tightLimits, tooLong } from './house/rules.js';

/** The house of ARCHITECTURE.md, top to bottom: imports go down or stay on their floor. */
const LAYERS = [
  ['cli', 'mcp', 'dashboard', 'report', 'setup', 'index', 'observe'],
  ['bench'],
  ['synthesis'],
  ['loop'],
  ['tuners', 'models'],
  ['verify', 'govern'],
  ['change', 'lab', 'host'],
  ['knobs', 'policies', 'workloads', 'telemetry'],
  [
    'canonical',
    'errors',
    'near',
    'shell',
    'shown',
    'units',
    'state',
    'sqlite',
    'versions',
    'apt',
    'native',
    'ledger',
  ],
] as const;

const graph = graphOf('src');
const committed = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(path));
const textOf = (path: string): string => readFileSync(path, 'utf8');
const below = (...homes: string[]): string[] =>
  committed.filter((path) => homes.some((home) => path.startsWith(`${home}/`)));
const graphFrom = (files: Record<string, string[]>): Graph => new Map(Object.entries(files));

describe('imports', () => {
  it('go downwards, file by file', () => {
    expect(graph.size).toBeGreaterThan(100);
    expect(misdirected(graph, LAYERS)).toEqual([]);
  });

  it('make no circle, type imports included', () => {
    expect(circles(graph)).toEqual([]);
  });
});

describe('the import checker', () => {
  it('sees every form of import', () => {
    const source = `
      import { a } from './a.js';
      import type { B } from '../b.js';
      import {
        c,
      } from '../lab/c.js';
      export { d } from './d/d.js';
      import './e.js';
      const f = await import('./f.js');
      import { join } from 'node:path';`;
    const found = ['lab/a.ts', 'b.ts', 'lab/c.ts', 'lab/d/d.ts', 'lab/e.ts', 'lab/f.ts'];
    expect(importsIn('lab/x.ts', source)).toEqual(found);
  });

  it('names the file and the import that goes up', () => {
    const bad = graphFrom({ 'lab/lab.ts': ['loop/tune.ts', 'units.ts'], 'loop/tune.ts': [], 'units.ts': [] });
    expect(misdirected(bad, LAYERS)).toEqual(['lab/lab.ts imports loop/tune.ts, which is above it']);
    const ground = graphFrom({ 'units.ts': ['knobs/types.ts'], 'knobs/types.ts': [] });
    expect(misdirected(ground, LAYERS)).toEqual(['units.ts imports knobs/types.ts, which is above it']);
  });

  it('knows no file outside the house and no import of nothing', () => {
    expect(misdirected(graphFrom({ 'helpers/x.ts': [] }), LAYERS)).toEqual([
      'helpers/x.ts is in no layer of the house',
    ]);
    expect(misdirected(graphFrom({ 'lab/a.ts': ['lab/gone.ts'] }), LAYERS)).toEqual([
      'lab/a.ts imports lab/gone.ts, which does not exist',
    ]);
  });

  it('finds circles, long and short, and no others', () => {
    const ring = { 'lab/a.ts': ['lab/b.ts'], 'lab/b.ts': ['lab/c.ts'], 'lab/c.ts': ['lab/b.ts'] };
    expect(circles(graphFrom(ring))).toEqual(['lab/b.ts → lab/c.ts → lab/b.ts']);
    expect(circles(graphFrom({ 'lab/a.ts': ['lab/a.ts'] }))).toEqual(['lab/a.ts → lab/a.ts']);
    const diamond = { 'a.ts': ['b.ts', 'c.ts'], 'b.ts': ['d.ts'], 'c.ts': ['d.ts'], 'd.ts': [] };
    expect(circles(graphFrom(diamond))).toEqual([]);
  });
});

describe('files', () => {
  it('are short enough to read', () => {
    const sources = below('src', 'test', 'native', 'bpf', 'policies', 'scripts').filter(
      (path) => !/package-lock\.json$|\/lineage\.json$|\/evidence\//.test(path),
    );
    expect(sources.length).toBeGreaterThan(150);
    expect(sources.filter((path) => tooLong(textOf(path)))).toEqual([]);
    expect([tooLong('x\n'.repeat(400)), tooLong('x\n'.repeat(401))]).toEqual([false, true]);
  });

  it('name no package registry', () => {
    expect(committed).toContain('package-lock.json');
    // The rule and its examples cannot but name what they forbid.
    const others = committed.filter((path) => !path.startsWith('test/house'));
    const naming = others.flatMap((path) => {
      const line = registryLine(textOf(path));
      return line === undefined ? [] : [`${path}: ${line.trim()}`];
    });
    expect(naming).toEqual([]);
  });

  it('of tests set no limit that a busy machine may exceed', () => {
    const tests = below('test').filter((path) => path.endsWith('.ts') && path !== 'test/house.test.ts');
    expect(
      tests.flatMap((path) => tightLimits(textOf(path)).map((line) => `${path}: ${line.trim()}`)),
    ).toEqual([]);
  });

  it('that the kernel is to load are dual-licensed', () => {
    const sources = below('bpf', 'policies').filter((path) => /\.[ch]$|\/policy\.json$/.test(path));
    expect(sources.length).toBeGreaterThan(30);
    expect(sources.filter((path) => !isDualLicensed(textOf(path)))).toEqual([]);
  });
});

describe('the file rules', () => {
  it.each([
    `"resolved": "https://${'registry'}.npmjs.org/zod/-/zod-4.tgz"`,
    `npm install --${'registry'}=http://${'verdaccio'}.internal:4873/`,
    `index-url = https://${'pypi'}.org/simple`,
    `GOPROXY=${'proxy'}.golang.org`,
  ])('see a registry in %s', (line) => {
    expect(registryLine(`first\n${line}\nlast`)).toBe(line);
  });

  it('take other addresses and words for what they are', () => {
    const text = "https://nodejs.org/\nimport './registry.js';\nhttp://deb.debian.org/debian";
    expect(registryLine(text)).toBeUndefined();
  });

  it.each([
    '}, 60_000);',
    '  120_000,',
    'vi.setConfig({ testTimeout: 120_000 });',
    "describe('x', { timeout: 5000 }, () => {",
    'await expect.poll(value, { timeout: 1000 }).toBe(1);',
    'const BOOT = { timeout: 30_000 };',
  ])('see a limit for hangs from one for speed in %s', (line) => {
    expect(tightLimits(`first\n${line}\nlast`)).toEqual([line]);
    expect(tightLimits(line.replace(/[\d_]{4,}/, '600_000'))).toEqual([]);
  });

  it('know a dual licence from a single one', () => {
    const of = (licence: string) => isDualLicensed(`// SPDX-License-Identifier: ${licence}\nint x;`);
    expect(['MIT OR GPL-2.0-only', '(GPL-2.0-only OR MIT)'].map(of)).toEqual([true, true]);
    expect(isDualLicensed('char LICENSE[] SEC("license") = "Dual MIT/GPL";')).toBe(true);
    expect([of('MIT'), of('GPL-2.0-only'), isDualLicensed('int x;')]).toEqual([false, false, false]);
  });
});
