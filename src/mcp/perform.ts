import type { RequestStateCodec, ServerContext } from '@modelcontextprotocol/server';
import type { Call } from '../govern/call.js';
import { shownDeep } from '../shown.js';
import { askFor, type CarriedState } from './approval.js';
import { type Failure, failureOf, failureResult, invalid, refused } from './failure.js';
import type { CallRecord, Services } from './services.js';
import type { Tool, Visit } from './tool.js';

/** What a call is made through: the server's side of one client. */
export interface Desk {
  readonly services: Services;
  readonly caller: string;
  readonly codec: RequestStateCodec<CarriedState>;
  /** What the client of a 2025 session said it can do. */
  readonly session: () => { elicitation?: unknown } | undefined;
}

const visitOf = ({ services, caller }: Desk, ctx: ServerContext): Visit => ({
  services,
  caller,
  signal: ctx.mcpReq.signal,
  progress: (progress, total, message) => {
    const token = ctx.mcpReq._meta?.progressToken;
    if (token === undefined) return;
    const params = { progressToken: token, progress, total, message };
    // A client that has gone away is told nothing more.
    ctx.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  },
});

/** Arguments for the account: bounded, and without what gives a right to a change. */
function accounted(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return shownDeep(given, 200);
  const { change_token: token, ...rest } = given as Record<string, unknown>;
  return shownDeep(token === undefined ? rest : { ...rest, change_token: 'withheld' }, 200);
}

/** Single values the rules may limit by name. */
const simple = (args: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => typeof value !== 'object'));

/** One call of a tool: arguments, rules, a person's leave where the rules want it, the work, the account. */
export async function perform(tool: Tool, given: unknown, desk: Desk, ctx: ServerContext) {
  const { services, caller } = desk;
  const account = (record: Omit<CallRecord, 'tool' | 'caller' | 'arguments'>) =>
    services.record({ tool: tool.name, caller, arguments: accounted(given), ...record });
  const fail = async (failure: Failure, record: Pick<CallRecord, 'verdict' | 'rule' | 'outcome'>) => {
    await account({ ...record, reasons: [failure.message] });
    return failureResult(failure);
  };
  const parsed = tool.input.safeParse(given ?? {});
  if (!parsed.success)
    return fail(invalid(parsed.error, tool.input), { verdict: 'invalid', rule: null, outcome: 'refused' });
  const args = parsed.data;
  const visit = visitOf(desk, ctx);
  let call: Call = { tool: tool.name, caller, arguments: simple(args) };
  try {
    call = { ...call, ...tool.touches?.(args, visit) };
  } catch (error) {
    return fail(failureOf(error), { verdict: 'invalid', rule: null, outcome: 'refused' });
  }
  const decision = services.governor.decide(call);
  const { verdict, rule } = decision;
  if (verdict === 'deny') return fail(refused(decision), { verdict, rule, outcome: 'refused' });
  let approval: CallRecord['approval'];
  try {
    if (verdict === 'ask' && !isAdvice(tool, args, services)) {
      const asked = await askFor(call, args, decision, services, desk.codec, ctx, desk.session());
      if (asked.way === 'refuse') return await fail(asked.failure, { verdict, rule, outcome: 'waits' });
      if (asked.way === 'ask') {
        await account({ verdict, rule, outcome: 'waits', reasons: decision.reasons });
        return asked.result;
      }
      approval = { id: asked.approval.id, by: asked.approval.by, why: asked.approval.justification };
    }
    services.governor.book(call, decision);
    const output = shownDeep(tool.output.parse(await tool.run(args, visit)));
    await account({
      verdict,
      rule,
      outcome: 'done',
      reasons: decision.reasons,
      ...(approval ? { approval } : {}),
    });
    return { content: [{ type: 'text' as const, text: JSON.stringify(output) }], structuredContent: output };
  } catch (error) {
    return fail(failureOf(error), { verdict, rule, outcome: 'failed' });
  }
}

/** Advice changes nothing, so nobody is asked for it. */
const isAdvice = ({ effect }: Tool, args: Record<string, unknown>, { governor }: Services): boolean =>
  effect === 'stage' && (args.dry_run === true || governor.advice);
