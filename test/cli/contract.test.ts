import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/catalogue.js';
import { contract } from '../../src/cli/contract.js';
import { MAIN, tunesmith } from './cli.js';

const DOCS = readFileSync('docs/cli.md', 'utf8');

describe('docs/cli.md', () => {
  it('is the whole contract: every command and option, and no other (npm run docs:cli)', async () => {
    const [, written = ''] = DOCS.split('<!-- npm run docs:cli writes what follows -->');
    expect(written.trim()).toBe((await contract()).trim());
  });

  it('names every command in its table', () => {
    const missing = Object.keys(COMMANDS).filter(
      (name) => !new RegExp(`^\\| \`${name}[ |\`]`, 'm').test(DOCS),
    );
    expect(missing).toEqual([]);
  });
});

describe('help', () => {
  it('lists every command with what it is for, and loads none of them', async () => {
    const { stdout } = await tunesmith('--help');
    for (const [name, { about }] of Object.entries(COMMANDS))
      expect(stdout.replace(/\s+/g, ' '), name).toContain(`${about}`);
  });

  it('of a choice lists what there is', async () => {
    expect((await tunesmith('bench', '--help')).stdout.replace(/\s+/g, ' ')).toContain('"startup"');
    expect((await tunesmith('schema', '--help')).stdout).toContain('"verdict"');
    expect((await tunesmith('change', 'stage', '--help')).stdout).toContain('slice_ns');
    expect((await tunesmith('tune', '--help')).stdout).toContain('min_granularity_ns');
    expect((await tunesmith('lab', 'trial', '--help')).stdout).toContain('base_slice_ns');
  });

  it.each([
    ['tune'],
    ['observe'],
    ['lab trial'],
    ['policy check'],
    ['policy apply'],
    ['change stage'],
    ['mcp'],
  ])('of %s has an example that can be pasted', async (command) => {
    const { stdout } = await tunesmith(...command.split(' '), '--help');
    const [, examples = ''] = stdout.split('Examples:\n');
    expect(examples).toContain(`tunesmith ${command}`);
    expect(examples).not.toMatch(/\s[^'\s]*(?:<=|>=)/);
  });
});

/** The modules a command loads, as Node's loader sees them. */
async function loaded(...args: string[]): Promise<string> {
  const hook = `export async function load(url, context, next) { process._rawDebug(url); return next(url, context); }`;
  const register = `import { register } from 'node:module'; register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(hook))});`;
  const { stderr } = await execa(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(register)}`, MAIN, ...args],
    { env: { XDG_STATE_HOME: '/tmp/tunesmith-no-such-state' } },
  );
  expect(stderr).toContain('cli/main.js');
  return stderr;
}

describe('a command that a person waits for', () => {
  it.each([['panic'], ['change list'], ['--help'], ['--version']])(
    '%s loads no schema library, no lab, no sampler',
    async (command) => {
      const modules = await loaded(...command.split(' '));
      expect(modules).not.toMatch(/node_modules\/(?:zod|execa|yaml|@modelcontextprotocol)\//);
      expect(modules).not.toMatch(/dist\/(?:lab|verify|synthesis|models|tuners|mcp|telemetry|ledger)\//);
    },
  );

  it('panic loads nothing of the journal before the kernel has its values back', async () => {
    expect(await loaded('panic')).not.toMatch(/change\/(?:transactions|journal)\.js/);
  });
});

describe('output that cannot be written', () => {
  it('is told in a sentence', async () => {
    const { exitCode, stderr } = await execa(
      'sh',
      ['-c', `exec "$0" "$1" schema tune > /dev/full`, process.execPath, MAIN],
      {
        reject: false,
      },
    );
    expect(stderr).toMatch(/^tunesmith: the result cannot be written to standard output: .*ENOSPC/);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(exitCode).toBe(3);
  });

  it('is no error where a reader has read enough', async () => {
    const { exitCode, stderr } = await execa('sh', [
      '-c',
      '"$0" "$1" schema tune | head -1 > /dev/null',
      process.execPath,
      MAIN,
    ]);
    expect([exitCode, stderr]).toEqual([0, '']);
  });
});
