import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { native } from '../../src/native.js';

const ROOT = new URL('../../', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'tunesmith-test-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The sampler's sources and the program beside this file, compiled with the address and the undefined sanitizer. */
function compiled(): string {
  const core = join(ROOT, 'native/core');
  const others = /^(?:libbpf|policy|scx|deadman)/;
  const sources = readdirSync(core).filter((name) => /\.cc?$/.test(name) && !others.test(name));
  const includes = [`-I${join(ROOT, 'native')}`, '-isystem', join(ROOT, 'build/native/bpf')];
  const checks = ['-g', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all', ...includes];
  const objects = sources.map((name) => {
    const out = join(home, `${name}.o`);
    const [compiler, standard] = name.endsWith('.c') ? ['gcc', '-std=gnu17'] : ['g++', '-std=c++20'];
    execFileSync(compiler as string, [standard as string, ...checks, '-c', join(core, name), '-o', out]);
    return out;
  });
  const program = join(home, 'cycles');
  const main = join(ROOT, 'test/native/sampler_cycles.cc');
  execFileSync('g++', ['-std=c++20', ...checks, main, ...objects, '-ldl', '-o', program]);
  return program;
}

describe.runIf(native().bpf().program.ok)('the sampler under the address sanitizer', () => {
  it('opened, read and closed again and again leaks nothing and reads nothing it should not', () => {
    const said = execFileSync(compiled(), ['8'], { encoding: 'utf8', stdio: 'pipe' });
    expect(said).toBe('bad-option\n');
  });
});
