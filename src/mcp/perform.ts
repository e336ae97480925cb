import type { RequestStateCodec, ServerContext } from '@modelcontextprotocol/server';
import type { Call } from '../govern/call.js';
import { shown, shownDeep } from '../shown.js';
import { askFor, type CarriedState } from './approval.js';
import { briefly } from './brief.js';
import { type Failure, failureOf, failureResult, invalid, refused } from './failure.js';
import { Heartbeat } from './heartbeat.js';
import type { CallRecord, Services } from './services.js';
import type { Tool, Visit } from './tool.js';

/** What a call is made through: the server's side of one client. */
export interface Desk {
  readonly services: Services;
  readonly caller: string;
  readonly codec: RequestStateCodec<CarriedState>;
  /** What the client of a 2025 session said it can do. */
  readonly session: () => { elicitation?: unknown } | undefined;
  /** Whether the client's protocol has structured content (2025-06-18 and later). */
  readonly structured: () => boolean;
}

/** Tells the client how far a call is, if it asked to be told. */
function heartbeatOf(ctx: ServerContext): Heartbeat | undefined {
  const token = ctx.mcpReq._meta?.progressToken;
  if (token === undefined) return undefined;
  return new Heartbeat((progress, total, message) => {
    const params = { progressToken: token, progress, ...(total === undefined ? {} : { total }), message };
    // A client that has gone away is told nothing more.
    ctx.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  });
}

/** A result as the client's protocol has it, its content carried once: see `briefly`. */
function answered(output: Record<string, unknown>, structured: boolean) {
  const json = JSON.stringify(output);
  if (!structured) return { content: [{ type: 'text' as const, text: json }] };
  return { content: [{ type: 'text' as const, text: briefly(output, json) }], structuredContent: output };
}

/** Longest arguments that the account keeps, as JSON. */
const ACCOUNTED = 8192;

/** Arguments for the account: bounded, and without what gives a right to a change. */
function accounted(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return shownDeep(given, 200);
  const { change_token: token, ...rest } = given as Record<string, unknown>;
  const kept = shownDeep(token === undefined ? rest : { ...rest, change_token: 'withheld' }, 200);
  const text = JSON.stringify(kept);
  return text.length <= ACCOUNTED ? kept : { cut: shown(text, ACCOUNTED), characters: text.length };
}

/** Single values the rules may limit by name. */
const simple = (args: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => typeof value !== 'object'));

/** One call of a tool, and while it runs a word to the client every few seconds. */
export async function perform(tool: Tool, given: unknown, desk: Desk, ctx: ServerContext) {
  const heartbeat = heartbeatOf(ctx);
  try {
    return await performed(tool, given, desk, ctx, heartbeat?.progress ?? (() => {}));
  } finally {
    heartbeat?.stop();
  }
}

/** Arguments, rules, a person's leave where the rules want it, the work, the account. */
async function performed(
  tool: Tool,
  given: unknown,
  desk: Desk,
  ctx: ServerContext,
  progress: Visit['progress'],
) {
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
  const visit: Visit = { services, caller, signal: ctx.mcpReq.signal, progress };
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
    const late = services.governor.book(call, decision);
    if (late) {
      if (approval) services.approvals.giveBack(approval.id);
      return await fail(refused(late), { verdict: 'deny', rule, outcome: 'refused' });
    }
    const output = shownDeep(tool.output.parse(await tool.run(args, visit)));
    await account({
      verdict,
      rule,
      outcome: 'done',
      reasons: decision.reasons,
      ...(approval ? { approval } : {}),
    });
    return answered(output, desk.structured());
  } catch (error) {
    return fail(failureOf(error), { verdict, rule, outcome: 'failed' });
  }
}

/** Advice changes nothing, so nobody is asked for it. */
const isAdvice = ({ effect }: Tool, args: Record<string, unknown>, { governor }: Services): boolean =>
  effect === 'stage' && (args.dry_run === true || governor.advice);
