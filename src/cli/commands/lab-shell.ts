import { Command } from 'commander';
import { TunesmithError } from '../../errors.js';
import { bootFunctional, type FunctionalGuest } from '../../lab/functional/guest.js';
import { checkKernel } from '../../lab/kernels/check.js';
import { MAX_CPUS } from '../../lab/shape.js';
import { unguardedWrite } from '../../shown.js';
import { parseCount } from '../../units.js';

/** Ctrl-], as in telnet and virsh: programs seldom want it. */
const LEAVE = 0x1d;
const LONG_MS = 2 ** 31 - 1;

// What a program that was cut off may have left on: the other screen, colours, a hidden cursor, bracketed paste.
const PLAIN = '\x1b[?47l\x1b[0m\x1b[?25h\x1b[?2004l';

// The shell leads a session and has no terminal yet, so the console becomes its controlling one when it is opened:
// Ctrl-C and job control work.
const SHELL = 'stty rows "$1" cols "$2" < /dev/ttyS0; exec bash -i < /dev/ttyS0 > /dev/ttyS0 2>&1';

function shellIn(guest: FunctionalGuest): Promise<unknown> {
  const { rows, columns } = process.stdout;
  const { TERM = 'vt100' } = process.env;
  const env = { TERM, PS1: 'lab:\\w\\$ ', HISTFILE: '' };
  return guest.exec(['sh', '-c', SHELL, 'shell', `${rows}`, `${columns}`], { env, timeoutMs: LONG_MS });
}

/**
 * Joins this terminal and the guest's console until `over` or Ctrl-]; the terminal is as it was before afterwards,
 * also when a signal ends this.
 * @throws TunesmithError (interrupted) at a signal, and what `over` throws.
 */
async function join(guest: FunctionalGuest, over: Promise<unknown>): Promise<void> {
  const { stdin, stdout } = process;
  const { console, input } = guest.machine;
  const restore = () => stdin.setRawMode(false);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let leave = (): void => {};
  let interrupt = (_name: NodeJS.Signals): void => {};
  const left = new Promise<void>((resolve, reject) => {
    leave = resolve;
    interrupt = (name) => reject(new TunesmithError('interrupted', `${name} ended the shell`));
  });
  const type = (bytes: Buffer) => (bytes.includes(LEAVE) ? leave() : input?.write(bytes));
  process.once('exit', restore);
  for (const signal of signals) process.once(signal, interrupt);
  console.listen((bytes) => unguardedWrite(stdout, bytes));
  stdin.setRawMode(true).on('data', type).once('end', leave).resume();
  try {
    await Promise.race([left, over]);
  } finally {
    restore();
    stdin.off('data', type).pause();
    process.off('exit', restore);
    for (const signal of signals) process.off(signal, interrupt);
    unguardedWrite(stdout, `${PLAIN}\n`);
  }
}

export const shellCommand = (): Command =>
  new Command('shell')
    .description('a shell in a lab guest that has this project inside; Ctrl-] leaves it')
    .option(
      '--kernel <spec>',
      'cfs, eevdf, scx, newest, a version such as 6.18, or the path of a vmlinuz',
      'eevdf',
    )
    .option('--cpus <n>', 'virtual CPUs', '2')
    .option('--memory <mib>', 'guest memory in MiB', '1024')
    .action(async (flags: { kernel: string; cpus: string; memory: string }) => {
      const options = {
        kernel: flags.kernel,
        cpus: parseCount(flags.cpus, '--cpus', 1, MAX_CPUS),
        memoryMib: parseCount(flags.memory, '--memory', 512, 16384),
        interactive: true,
      };
      if (!process.stdin.isTTY || !process.stdout.isTTY)
        throw new TunesmithError('usage', 'a shell needs a terminal for its input and its output', {
          hint: 'run it from a terminal, without pipes',
        });
      checkKernel(flags.kernel);
      process.stderr.write('booting a guest; `exit` or Ctrl-] leaves it\n');
      const guest = await bootFunctional(options);
      try {
        const over = shellIn(guest);
        over.catch(() => {}); // the guest that is closed below fails it; whoever waits for it is told
        await join(guest, over);
      } finally {
        await guest.close();
      }
    });
