/** A tuning process is killed: its deadman puts back what the step under way had set. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Transactions } from '../../src/change/transactions.js';
import { tree } from './fixture.js';
import { BASE, HAS_SLICES, IS_ROOT, shell, sliceOf } from './processes.js';
import { scratchState } from './state.js';

const DIST = new URL('../../dist/', import.meta.url).pathname;
if (!existsSync(DIST)) throw new Error(`${DIST} is not there: run npm run build`);
const PATIENCE = { timeout: 900_000 };
scratchState();

/** A tree of two knobs, and a process that has a host target on it and does what it is told, line by line. */
async function tuning() {
  const root = tree({ nr_migrate: '32\n', migration_cost_ns: '500000\n' });
  const script = `
    const { HostTarget } = await import('${DIST}host/target.js');
    const { FileSetting, PLAIN } = await import('${DIST}host/file.js');
    const at = (name) => '${root}/' + name;
    const target = new HostTarget({
      load: {}, scope: { kind: 'load' },
      elsewhere: {
        settings: ['nr_migrate', 'migration_cost_ns'].map((name) => new FileSetting(name, at(name))),
        changes: {
          dir: '${root}/state', scheduler: 'eevdf', tree: '${root}',
          locate: ({ name }) => ({ knob: name, path: at(name), notation: PLAIN }),
        },
      },
    });
    const { createInterface } = await import('node:readline');
    for await (const line of createInterface({ input: process.stdin })) {
      if (line === 'close') await target.close();
      else await target.apply(JSON.parse(line)).catch((error) => console.error(error));
      console.log('done');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  const tell = async (line: string | object): Promise<void> => {
    child.stdin.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
    expect(await answers.next()).toMatchObject({ value: 'done' });
  };
  const value = (name: string): number => Number(readFileSync(join(root, name), 'utf8'));
  const values = () => [value('nr_migrate'), value('migration_cost_ns')];
  return { root, child, tell, values };
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** What the journal says of every change, oldest first. */
function changesOf(root: string) {
  using changes = new Transactions({ dir: join(root, 'state'), tree: root });
  return changes.list().toReversed();
}

describe('a tuning process', () => {
  it('killed in the middle of a step leaves nothing in force', async () => {
    const { root, child, tell, values } = await tuning();
    await tell({ nr_migrate: 8 });
    await tell({ nr_migrate: 16, migration_cost_ns: 700_000 });
    expect(values()).toEqual([16, 700_000]);
    await killed(child);
    await expect.poll(values, PATIENCE).toEqual([32, 500_000]);
    await expect
      .poll(() => changesOf(root).map(({ state, endReason }) => [state, endReason]), PATIENCE)
      .toEqual([
        ['reverted', 'asked'],
        ['expired', 'owner'],
      ]);
  });

  it('killed leaves to somebody else what they have changed since', async () => {
    const { root, child, tell, values } = await tuning();
    await tell({ nr_migrate: 16, migration_cost_ns: 700_000 });
    writeFileSync(join(root, 'nr_migrate'), '99\n');
    await killed(child);
    await expect.poll(values, PATIENCE).toEqual([99, 500_000]);
  });

  it('puts back between two steps what the second does not name, and commits nothing', async () => {
    const { root, child, tell, values } = await tuning();
    await tell({ nr_migrate: 16 });
    await tell({ migration_cost_ns: 700_000 });
    expect(values()).toEqual([32, 700_000]);
    await tell({ nr_migrate: 32, migration_cost_ns: 500_000 });
    expect(values()).toEqual([32, 500_000]);
    await tell('close');
    await killed(child);
    expect(values()).toEqual([32, 500_000]);
    expect(changesOf(root).map(({ state }) => state)).toEqual(['reverted', 'reverted']);
  });

  it.skipIf(!HAS_SLICES || !IS_ROOT)('killed gives the tasks of its scope their slices back', async () => {
    const parent = await shell();
    const task = await parent.fork();
    const args = ['--target', 'host', '--workload', 'wakeup', '--window', '1s', '--cycles', '1000'];
    const child = spawn(
      process.execPath,
      [join(DIST, 'cli/main.js'), 'tune', ...args, '--scope', `tree:${parent.pid}`],
      { stdio: 'ignore' },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    await expect.poll(() => sliceOf(task), PATIENCE).not.toBe(BASE);
    await killed(child);
    await expect.poll(() => [parent.pid, task].map(sliceOf), PATIENCE).toEqual([BASE, BASE]);
  });
});
