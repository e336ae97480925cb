import type { ReadResourceResult } from '@modelcontextprotocol/server';
import { TunesmithError } from '../../errors.js';
import { shownDeep } from '../../shown.js';
import type { Desk } from '../perform.js';

/**
 * Reads a resource for a caller, if the rules let them: to the rules a resource is the tool `resource.NAME`.
 * @throws TunesmithError (rejected) naming the rule
 */
export async function readJson(
  desk: Desk,
  name: string,
  uri: URL,
  read: () => unknown | Promise<unknown>,
): Promise<ReadResourceResult> {
  admit(desk, name);
  const text = JSON.stringify(shownDeep(await read()));
  return { contents: [{ uri: uri.href, mimeType: 'application/json', text }] };
}

/** @throws TunesmithError (rejected) naming the rule */
export function admit({ services, caller }: Desk, name: string): void {
  const call = { tool: `resource.${name}`, caller };
  const decided = services.governor.decide(call);
  const decision = (decided.verdict === 'allow' ? services.governor.book(call, decided) : null) ?? decided;
  if (decision.verdict === 'allow') return;
  const reasons =
    decision.verdict === 'ask'
      ? ['nobody can be asked about a resource: let a rule allow it']
      : decision.reasons;
  throw new TunesmithError('rejected', `rule ${decision.rule ?? 'default deny'}: ${reasons.join('; ')}`);
}

/** The names that begin as what was typed does. */
export const beginning =
  (names: readonly string[]) =>
  (typed: string): string[] =>
    names.filter((name) => name.startsWith(typed)).slice(0, 100);
