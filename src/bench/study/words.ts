import type { Account } from '../../models/account.js';
import type { Tuner } from '../../tuners/types.js';

/** What a run's models came to, and what its tuner had to say; nothing of a tuner that asks no model. */
export interface Words {
  readonly remarks?: readonly string[];
  readonly models?: readonly Account[];
}

/** Listens to a run that is about to begin. Runs may share a model, so what counts is what its account grows by. */
export function listening(tuner: Tuner): () => Words {
  const before = tuner.accounts?.() ?? [];
  return () => {
    const after = tuner.accounts?.() ?? [];
    if (after.length === 0) return {};
    return {
      remarks: tuner.remarks?.() ?? [],
      models: after.map((account, i) => grownSince(before[i], account)),
    };
  };
}

/** Whether a run was to ask a model and had not one reply: its budget was spent. What was in force is none of its merit. */
export const isUnheard = ({ models }: Words): boolean => models?.every(({ calls }) => calls === 0) ?? false;

function grownSince(before: Account | undefined, after: Account): Account {
  if (before === undefined) return after;
  const usd = after.usd === null || before.usd === null ? null : after.usd - before.usd;
  return {
    ...{ model: after.model, priceSince: after.priceSince, usd },
    calls: after.calls - before.calls,
    failures: after.failures - before.failures,
    inputTokens: after.inputTokens - before.inputTokens,
    outputTokens: after.outputTokens - before.outputTokens,
    latenciesMs: after.latenciesMs.slice(before.latenciesMs.length),
    inputs: after.inputs.slice(before.inputs.length),
  };
}
