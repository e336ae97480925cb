import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { expect, it } from 'vitest';

/** A run that takes the first signal and never comes to an end. */
const RUN = `
  import { stopSignal } from ${JSON.stringify(new URL('../../dist/cli/signals.js', import.meta.url).href)};
  const signal = stopSignal((text) => process.stdout.write(text + '\\n'));
  signal.addEventListener('abort', () => process.stdout.write('aborted\\n'));
  setInterval(() => {}, 1000);
  process.stdout.write('ready\\n');
`.replaceAll('\\\\n', '\\n');

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'the second %s ends a run at once, by the code that the documents say',
  async (name) => {
    const run = spawn(process.execPath, ['--input-type=module', '-e', RUN], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<number | null>((resolve) => run.once('exit', resolve));
    let said = '';
    for await (const chunk of run.stdout) {
      said += chunk;
      if (said === 'ready\n') run.kill(name);
      if (said.includes('aborted')) run.kill(name);
    }
    const code = 128 + constants.signals[name];
    expect(said).toContain(`${name}: stopping after this step; once more to stop at once`);
    expect(await ended).toBe(code);
    expect(readFileSync('docs/cli.md', 'utf8')).toMatch(
      new RegExp(`^\\| [\\d, ]*\\b${code}\\b[\\d, ]* \\|`, 'm'),
    );
  },
);
