import { createHash } from 'node:crypto';
import { Command } from 'commander';
import { TunesmithError } from '../../../errors.js';
import { Breaker } from '../../../host/policy/breaker.js';
import { guard } from '../../../host/policy/guard.js';
import { claim, dismiss, holder } from '../../../host/policy/holder.js';
import { policyAddon } from '../../../host/policy/native.js';
import { Policy } from '../../../host/policy/policy.js';
import { parsePositiveDuration } from '../../../units.js';
import { collect } from '../../options.js';
import { makeOutput } from '../../output.js';
import { readObject, tunablesFrom } from '../../policy-options.js';
import { stopSignal } from '../../signals.js';

interface ApplyFlags {
  readonly tunable: string[];
  readonly policyTimeout: string;
  readonly resetBreaker?: boolean;
  readonly json?: boolean;
}

async function apply(path: string, flags: ApplyFlags): Promise<void> {
  const out = makeOutput(flags.json ?? false);
  const object = readObject(path, 'FILE');
  const breaker = new Breaker(createHash('sha256').update(object).digest('hex'));
  if (flags.resetBreaker) breaker.reset();
  breaker.assertClosed();
  const policy = Policy.open(object, {
    tunables: tunablesFrom(flags.tunable),
    timeoutMs: Math.round(parsePositiveDuration(flags.policyTimeout, '--policy-timeout') / 1e6),
  });
  const signal = stopSignal(out.note);
  try {
    const { timeoutMs } = policy.load();
    const { name } = policy.attach();
    const release = claim(name);
    try {
      out.note(
        `policy ${name} is in force (watchdog ${timeoutMs} ms); Ctrl-C or \`tunesmith policy revert\` ends it`,
      );
      const end = await guard(policy, breaker, { signal });
      if (end.cause !== 'stopped')
        throw new TunesmithError('rejected', `${end.explanation}; the kernel’s own scheduler is back`, {
          hint: `it may be tried again in ${Math.ceil(end.waitMs / 1000)} s`,
        });
      out.result(
        { schema: 'tunesmith.policy-apply/1', ...end },
        `${end.explanation}; the kernel’s own scheduler is back`,
      );
    } finally {
      release();
    }
  } finally {
    policy.close();
  }
}

export const policyApplyCommand = (): Command =>
  new Command('apply')
    .description('have a compiled policy in force on this machine until it is stopped or at fault')
    .argument('<file>', 'an object compiled for this kernel')
    .option('--tunable <name=value>', 'a variable of the policy; may be repeated', collect, [])
    .option('--policy-timeout <duration>', 'the longest a task may wait before the kernel ejects it', '3s')
    .option('--reset-breaker', 'try it although it was ejected lately')
    .option('--json', 'print one JSON object')
    .action(apply);

export const policyRevertCommand = (): Command =>
  new Command('revert')
    .description('end the policy that `policy apply` has in force')
    .option('--json', 'print one JSON object')
    .action(async (flags: { json?: boolean }) => {
      const out = makeOutput(flags.json ?? false);
      const who = holder();
      if (who) await dismiss(who);
      const { ops, state } = policyAddon().readScx();
      if (ops)
        throw new TunesmithError(
          'rejected',
          `the policy ${ops} is in force, and ${who ? 'stays' : 'is not ours'}`,
          {
            hint: 'end the process that loaded it, or press SysRq-S',
          },
        );
      const text = who
        ? `${who.policy} is ended; the kernel’s own scheduler is back`
        : 'no policy is in force';
      out.result({ schema: 'tunesmith.policy-revert/1', ended: who, state }, text);
    });
