import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { run } from '../../src/host/run.js';
import { isAlive } from '../../src/state.js';
import './guest.js';

const SHELL = 'node dist/cli/main.js lab shell --kernel 6.18 --cpus 1';
let terminal: ChildProcess | undefined;
let seen = '';

/** A terminal of its own (script(1) makes one) in which a command runs between two looks at its settings. */
function open(command: string): void {
  seen = '';
  const settings = 'echo "tty $(stty -g)"';
  const script = `${settings}; ${command}; echo "ended $?"; ${settings}`;
  terminal = spawn('script', ['-qfc', script, '/dev/null'], { env: { ...process.env, TERM: 'xterm' } });
  terminal.stdout?.on('data', (bytes: Buffer) => {
    seen += bytes;
  });
}

async function until(words: RegExp): Promise<void> {
  while (!words.test(seen)) {
    if (terminal?.exitCode !== null) throw new Error(`the terminal ended without ${words}: ${seen}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Processes below one, the terminal's shell for example, that are QEMUs. */
const machines = (parent: number): number[] => {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(/\s+/);
  return children
    .filter((child) => child !== '')
    .map(Number)
    .flatMap((child) =>
      readFileSync(`/proc/${child}/comm`, 'utf8').startsWith('qemu') ? [child] : machines(child),
    );
};

/** What everybody who left finds: the end was as told, the terminal is as before, the guest is gone. */
async function checkLeft(pids: number[], ended: string): Promise<void> {
  if (terminal?.exitCode === null) await once(terminal, 'exit');
  expect(seen).toContain(`ended ${ended}`);
  const [before, after] = [...seen.matchAll(/^tty (\S+)\r?$/gm)].map(([, settings]) => settings);
  expect(after).toBe(before);
  expect(pids).toHaveLength(1);
  expect(pids.filter(isAlive)).toEqual([]);
}

afterEach(() => terminal?.kill('SIGKILL'));

it('is a shell of the guest, with its keys; `exit` ends it', async () => {
  open(SHELL);
  await until(/lab:\/tunesmith# /);
  const pids = machines(terminal?.pid ?? 0);
  // Quotes tell the echo of the line from its output. It is the job itself that says so, for it has the terminal by then: a
  // Ctrl-C before a job takes the terminal leaves it to the job, and the shell that prompts reads an error, its end.
  terminal?.stdin?.write(`sh -c 'echo be""gun; exec sleep 1000'\r`);
  await until(/begun\r+\n/);
  terminal?.stdin?.write('\x03');
  await until(/\^C[\s\S]*lab:\/tunesmith# /); // a Ctrl-C also drops what was typed ahead
  terminal?.stdin?.write('echo status $? on $(uname -r), CPUs: $(nproc)\r');
  await until(/status 130 on 6\.18\S*, CPUs: 1\r/);
  terminal?.stdin?.write('exit\r');
  await checkLeft(pids, '0');
});

it('is left with Ctrl-], whatever runs in it', async () => {
  open(SHELL);
  await until(/lab:\/tunesmith# /);
  const pids = machines(terminal?.pid ?? 0);
  terminal?.stdin?.write('less package.json\r');
  await until(/"name": "tunesmith"/);
  terminal?.stdin?.write('\x1d');
  await checkLeft(pids, '0');
  expect(seen).toContain('\x1b[?47l'); // less had the other screen
});

it('a guest that panics under it is told, and the terminal is given back', async () => {
  open(SHELL);
  await until(/lab:\/tunesmith# /);
  const pids = machines(terminal?.pid ?? 0);
  terminal?.stdin?.write('echo c > /proc/sysrq-trigger\r');
  await checkLeft(pids, '1');
  expect(seen).toContain('kernel panic: sysrq triggered crash');
});

it('wants a terminal', async () => {
  const done = await run(process.execPath, ['dist/cli/main.js', 'lab', 'shell']);
  expect(done).toMatchObject({ code: 2 });
});
