import type { Command } from 'commander';
import { usageError } from '../errors.js';

/** Collects a repeatable `NAME=VALUE` option. @throws TunesmithError (usage) naming the option. */
export function pairs(texts: readonly string[], field: string): [string, string][] {
  return texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1 || at === text.length - 1)
      throw usageError(field, text, 'is not NAME=VALUE', `for example ${field} name=3`);
    return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  });
}

/** For commander: an option that may be given several times. */
export const collect = (value: string, before: string[]): string[] => [...before, value];

/** A command that compiles sources, with the flag by which its caller answers for them. */
export const trusting = (command: Command): Command =>
  command
    .option(
      '--trust-source',
      'take a policy of unknown origin even where nothing confines clang and QEMU (doctor)',
    )
    .hook('preAction', async (_, action) => {
      if (action.opts<{ trustSource?: boolean }>().trustSource)
        (await import('../verify/compile/trust.js')).trustSources();
    });

/** The options of whatever is staged: until when, what ends it sooner, and what the journal says of it. */
export const withStaging = (command: Command): Command =>
  command
    .option('--ttl <time>', 'how long it stays unless it is committed, 1s to 24h', '60s')
    .option(
      '--guard <rule>',
      'METRIC<=N or >=N, Nx: times what it is now; judged each second; repeatable',
      collect,
      [],
    )
    .option('--key <text>', 'idempotency key: the same key stages nothing twice')
    .option('--reason <text>', 'why, for the record');
