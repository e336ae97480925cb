import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spread } from './statistics.js';
import { table } from './table.js';

const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/** What is started: Node alone, then commands that a person waits for; each on an empty state directory. */
const STARTED: Readonly<Record<string, readonly string[]>> = {
  'node alone': ['-e', '0'],
  '--version': [MAIN, '--version'],
  '--help': [MAIN, '--help'],
  'change list': [MAIN, 'change', 'list'],
  panic: [MAIN, 'panic'],
};

/** CPU time of one run of Node and what it starts, ms: bash's own `times` of the child. */
function cpuMs(args: readonly string[], env: NodeJS.ProcessEnv): number {
  const script = 'TIMEFORMAT="%U %S"; time "$0" "$@" >/dev/null 2>&1';
  const { stderr } = spawnSync('bash', ['-c', script, process.execPath, ...args], { encoding: 'utf8', env });
  const [user = Number.NaN, system = Number.NaN] = stderr.trim().split(/\s+/).map(Number);
  return (user + system) * 1000;
}

/** CPU time that a command takes to start and end, beside Node's own. */
export async function startupBench(repeats: number, note: (text: string) => void) {
  const home = mkdtempSync(join(tmpdir(), 'tunesmith-startup-'));
  const env = { ...process.env, XDG_STATE_HOME: home, XDG_CACHE_HOME: home };
  try {
    const rows = Object.entries(STARTED).map(([name, args]) => {
      note(`${name} …`);
      const cpu = Array.from({ length: repeats }, () => cpuMs(args, env));
      return { name, cpuMs: cpu };
    });
    const text = table([
      ['command', 'CPU time to its end'],
      ...rows.map(({ name, cpuMs: cpu }) => [name, spread(cpu, 0, 'ms')]),
    ]);
    return { schema: 'tunesmith.bench.startup/1', rows, text };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
