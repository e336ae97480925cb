import { createHash } from 'node:crypto';
import { Command } from 'commander';
import { plainChange } from '../../../change/plain.js';
import { checkPolicyRequest } from '../../../change/request.js';
import { TunesmithError } from '../../../errors.js';
import { Breaker } from '../../../host/policy/breaker.js';
import { policyAddon } from '../../../host/policy/native.js';
import { assertCapable } from '../../../host/policy/policy.js';
import { hostObject } from '../../../verify/host-object.js';
import { findSubject, type Subject } from '../../../verify/subject.js';
import { changeText } from '../../describe-change.js';
import { examples } from '../../examples.js';
import { guarded, guardrailFrom } from '../../guards.js';
import { hold } from '../../hold.js';
import { operator } from '../../operator.js';
import { collect, trusting, withStaging } from '../../options.js';
import { makeOutput } from '../../output.js';
import { checkTunables, policyTimeoutMs, readObject, tunablesFrom } from '../../policy-options.js';
import { ttlFrom } from '../../ttl.js';
import { withChanges } from '../../with-changes.js';

interface ApplyFlags {
  readonly tunable: string[];
  readonly policyTimeout: string;
  readonly ttl: string;
  readonly guard: string[];
  readonly key?: string;
  readonly reason?: string;
  readonly resetBreaker?: boolean;
  readonly json?: boolean;
}

/** What somebody names, read: an object, or what is compiled once everything else is known to be sound. */
const given = (spec: string): Buffer | Subject =>
  spec.endsWith('.o') ? readObject(spec, 'policy') : findSubject(spec);

async function apply(spec: string, flags: ApplyFlags): Promise<void> {
  const out = makeOutput(flags.json ?? false);
  const what = given(spec);
  const tunables = tunablesFrom(flags.tunable);
  if (!Buffer.isBuffer(what)) checkTunables(what, tunables);
  const guardrails = flags.guard.map(guardrailFrom);
  const asked = {
    ...{ tunables, timeoutMs: policyTimeoutMs(flags.policyTimeout), caller: operator() },
    ...{ ttlMs: ttlFrom(flags.ttl), reason: flags.reason },
    idempotencyKey: flags.key,
  };
  checkPolicyRequest({ ...asked, object: Buffer.alloc(0) });
  assertCapable();
  const object = Buffer.isBuffer(what) ? what : await hostObject(what);
  if (flags.resetBreaker) new Breaker(createHash('sha256').update(object).digest('hex')).reset();
  await withChanges((changes) =>
    guarded(guardrails, out.note, async (watch) =>
      hold(changes, await changes.stagePolicy({ ...asked, object, ...watch }), out),
    ),
  );
}

export const policyApplyCommand = (): Command =>
  examples(
    withStaging(
      trusting(new Command('apply'))
        .description(
          'puts a policy in force on this machine until the time is up, it is committed or reverted, or this command ends',
        )
        .argument(
          '<policy>',
          'its name, the path of its directory, of a C source, or of an object for this kernel',
        )
        .option('--tunable <name=value>', 'a variable of the policy; may be repeated', collect, [])
        .option(
          '--policy-timeout <duration>',
          'the longest a task may wait before the kernel ejects it',
          '3s',
        ),
    )
      .option('--reset-breaker', 'try it although it was ejected lately')
      .option('--json', 'print one JSON object')
      .action(apply),
    'tunesmith policy apply edf --ttl 5m --guard runq_latency_p99_ns<=2x',
    'tunesmith change commit TOKEN',
  );

async function revert(flags: { reason?: string; json?: boolean }): Promise<void> {
  const out = makeOutput(flags.json ?? false);
  const reverted = await withChanges((changes) => {
    const open = changes.list({ states: ['staged', 'committed'] }).find(({ policy }) => policy !== null);
    return open ? changes.revert(open.id, { operator: operator() }, flags.reason) : null;
  });
  const { ops, state } = policyAddon().readScx();
  if (ops)
    throw new TunesmithError(
      'rejected',
      `the policy ${ops} is in force, and ${reverted ? 'stays' : 'is not ours'}`,
      {
        hint: 'end the process that loaded it, or press SysRq-S',
      },
    );
  const body = { schema: 'tunesmith.policy-revert/1', change: reverted && plainChange(reverted), state };
  out.result(body, reverted ? changeText(reverted) : 'no policy is in force');
}

export const policyRevertCommand = (): Command =>
  new Command('revert')
    .description('end the policy that `policy apply` has in force, staged or committed')
    .option('--reason <text>', 'why, for the record')
    .option('--json', 'print one JSON object')
    .action(revert);
