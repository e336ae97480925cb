import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'tunesmith-test-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe.skipIf(process.getuid?.() !== 0)('the counters of a window', () => {
  it('leave no descriptor behind, and are of the CPUs that are online', () => {
    const program = join(home, 'counters');
    const sources = ['native/agent/counters.cc', 'native/agent/sys.cc', 'test/native/counters.cc'];
    execFileSync('g++', [
      ...['-std=c++20', `-I${join(ROOT, 'native')}`, `-I${join(ROOT, 'native/agent')}`, '-o', program],
      ...sources.map((source) => join(ROOT, source)),
    ]);
    // More windows than a process may have descriptors.
    const said = execFileSync('sh', ['-c', `ulimit -n 64; exec ${program} 200`], { encoding: 'utf8' });
    const [before, after, ...cpus] = said.split(' ').map(Number);
    expect(after).toBe(before);
    const online = readdirSync('/sys/devices/system/cpu').flatMap(
      (name) => /^cpu(\d+)$/.exec(name)?.[1] ?? [],
    );
    expect(cpus.length).toBeGreaterThan(0);
    for (const cpu of cpus) expect(online).toContain(String(cpu));
    expect(cpus.length).toBe(Number(execFileSync('getconf', ['_NPROCESSORS_ONLN'], { encoding: 'utf8' })));
  });
});
