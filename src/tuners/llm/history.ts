import { usageError } from '../../errors.js';
import type { Message } from '../../models/types.js';
import { parseCount } from '../../units.js';
import type { Observation, Proposal, TuningContext } from '../types.js';
import { plain } from './fence.js';
import { summary } from './summary.js';
import { auxiliaryLine, configText, windowLine } from './window-line.js';

/** How much of a run a model is told each time. */
export type HistoryPolicy =
  | { readonly kind: 'full' }
  | { readonly kind: 'cap'; readonly windows: number }
  | { readonly kind: 'summary' };

/** The LumOS paper's cap, appendix B.4. */
const PAPER_CAP = 50;

/** `summary`, `full`, `cap` or `cap:N`. @throws TunesmithError (usage) naming --history */
export function parseHistory(text: string): HistoryPolicy {
  const [kind, windows] = text.split(':', 2);
  if (kind === 'cap')
    return {
      kind,
      windows: windows === undefined ? PAPER_CAP : parseCount(windows, '--history cap', 1, 100_000),
    };
  if ((kind === 'full' || kind === 'summary') && windows === undefined) return { kind };
  throw usageError('--history', text, 'is not known', 'summary, full or cap:N');
}

/** What is known of a run beside its windows. */
export interface Told {
  /** The model's own replies, by the window they were for. */
  readonly replies: ReadonlyMap<number, string>;
  /** The window from which on figures are of the present load; 0 when it has not changed. */
  readonly changed: number;
  /** Something to add for this window only. */
  readonly remark: string;
  /** What the rules would do, for the model to take or overrule. */
  readonly candidate?: Proposal | null | undefined;
}

/** Characters of the rules' reason that a prompt has room for. */
const MOST_REASON = 240;

function offer({ candidate }: Told, context: TuningContext): string {
  if (!candidate) return '';
  const config = configText(candidate.values, context);
  return `Candidate of an expert's rules: ${config}: ${plain(candidate.reason, MOST_REASON)} Take it, or choose what you expect more of. `;
}

/** The conversation so far as a model is shown it; it ends with the question. */
export function conversation(
  policy: HistoryPolicy,
  history: readonly Observation[],
  context: TuningContext,
  told: Told,
): readonly Message[] {
  const question = `${offer(told, context)}${told.remark}Choose the values for window ${history.length}.`;
  if (policy.kind === 'summary')
    return [{ role: 'user', text: `${summary(history, context, told.changed)}\n${question}` }];
  const shown = policy.kind === 'cap' ? history.slice(-policy.windows) : history;
  const turns = shown.flatMap((window, i): Message[] => {
    const reply = i > 0 ? told.replies.get(window.cycle) : undefined;
    const said: Message[] = reply === undefined ? [] : [{ role: 'model', text: reply }];
    const lines = [windowLine(window, context), auxiliaryLine(window, context)].filter(Boolean);
    return [...said, { role: 'user', text: lines.join('\n') }];
  });
  return joined([...turns, { role: 'user', text: question }]);
}

/** Turns by one side after the other are one turn: some servers insist that sides alternate. */
function joined(turns: readonly Message[]): readonly Message[] {
  const result: Message[] = [];
  for (const { role, text } of turns) {
    const last = result.at(-1);
    if (last?.role === role) result[result.length - 1] = { role, text: `${last.text}\n${text}` };
    else result.push({ role, text });
  }
  return result;
}
