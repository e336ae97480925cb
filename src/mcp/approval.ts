import type { RequestStateCodec, ServerContext } from '@modelcontextprotocol/server';
import { inputRequired, inputResponse } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Approval } from '../govern/approvals.js';
import type { Call, Decision } from '../govern/call.js';
import { digestOf } from '../govern/digest.js';
import { summaryOf } from '../govern/summary.js';
import type { Failure } from './failure.js';
import type { Services } from './services.js';

/** What a client carries between asking and answering. Signed by us: nothing of it is taken on trust. */
export interface CarriedState {
  readonly approval: string;
  readonly digest: string;
}

/** What came of asking. */
export type Asked =
  | { readonly way: 'go'; readonly approval: Approval }
  | { readonly way: 'ask'; readonly result: ReturnType<typeof inputRequired> }
  | { readonly way: 'refuse'; readonly failure: Failure };

const KEY = 'approval';
const answerSchema = z.object({ approve: z.boolean(), justification: z.string().max(500).optional() });

/** Whether this client can ask its person a form: what it declared for this request, or at the start of its session. */
function canAsk(ctx: ServerContext, session: { elicitation?: unknown } | undefined): boolean {
  const envelope = ctx.mcpReq.envelope as Record<string, unknown> | undefined;
  const declared = (envelope?.['io.modelcontextprotocol/clientCapabilities'] ?? session) as
    | { elicitation?: { form?: object; url?: object } }
    | undefined;
  const able = declared?.elicitation;
  return able !== undefined && (able.form !== undefined || able.url === undefined);
}

/** Gets a person's leave for a call, through the client or, where it cannot or must not, through `tunesmith approve`. */
export async function askFor(
  call: Call,
  args: Readonly<Record<string, unknown>>,
  decision: Decision,
  services: Services,
  codec: RequestStateCodec<CarriedState>,
  ctx: ServerContext,
  session: { elicitation?: unknown } | undefined,
): Promise<Asked> {
  const { approvals, governor } = services;
  const digest = digestOf(call.caller, call.tool, args);
  const given = approvals.take(digest);
  if (given) return { way: 'go', approval: given };
  const able = decision.approval === 'any' && canAsk(ctx, session);
  const carried = ctx.mcpReq.requestState<CarriedState>();
  if (able && carried !== undefined && carried.digest === digest)
    return answered(carried, call, services, ctx);
  const question = {
    caller: call.caller,
    tool: call.tool,
    digest,
    summary: summaryOf(call, args),
    rule: decision.rule ?? '',
  };
  const approval = approvals.ask(question, governor.approvalTtlMs);
  if (!able) return { way: 'refuse', failure: outOfBand(approval) };
  const result = inputRequired({
    inputRequests: { [KEY]: inputRequired.elicit(form(approval)) },
    requestState: await codec.mint({ approval: approval.id, digest }, ctx),
  });
  return { way: 'ask', result };
}

const form = ({ summary, rule }: Approval) => ({
  message: `${summary}. Rule ${rule} wants a person to decide. Allow this once?`,
  requestedSchema: {
    type: 'object' as const,
    properties: {
      approve: { type: 'boolean' as const, title: 'Allow it once' },
      justification: { type: 'string' as const, title: 'Why', maxLength: 500 },
    },
    required: ['approve'],
  },
});

function answered({ approval: id }: CarriedState, call: Call, services: Services, ctx: ServerContext): Asked {
  const { approvals } = services;
  const response = inputResponse(ctx.mcpReq.inputResponses, KEY);
  const content = response.kind === 'elicit' ? answerSchema.safeParse(response.content) : undefined;
  const granted =
    response.kind === 'elicit' && response.action === 'accept' && content?.data?.approve === true;
  const why =
    content?.data?.justification?.trim() || (granted ? 'allowed in the client' : 'declined in the client');
  // Who asked is the program; who answered is the person at it. The rules can insist on another way (out-of-band).
  const approval = approvals.answer(id, granted, `person at the client of ${call.caller}`, why);
  if (!granted) return { way: 'refuse', failure: declined(approval) };
  const taken = approvals.take(approval.digest);
  return taken === null ? { way: 'refuse', failure: declined(approval) } : { way: 'go', approval: taken };
}

const outOfBand = ({ id, rule, remainingMs }: Approval): Failure => ({
  code: 'approval_required',
  message: `rule ${rule} wants a person to decide first; approval ${id} waits`,
  rule,
  approval_id: id,
  next: `a person types: tunesmith approve ${id} --why "REASON"; then make exactly this call again, within ${Math.ceil(remainingMs / 1000)} s`,
});

const declined = ({ id, rule }: Approval): Failure => ({
  code: 'denied',
  message: `a person declined approval ${id}`,
  rule,
  approval_id: id,
  next: 'do without, or ask for something else',
});
