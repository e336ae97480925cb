import { userInfo } from 'node:os';
import { Command } from 'commander';
import { missing } from '../../errors.js';
import { type Approval, Approvals } from '../../govern/approvals.js';
import { shellLine } from '../../shell.js';
import { shown } from '../../shown.js';
import { formatNs } from '../../units.js';
import { makeOutput } from '../output.js';

/** The person at this terminal, also behind sudo. */
const person = (): string => `person:${process.env.SUDO_USER ?? userInfo().username}`;

const line = ({ id, caller, summary, state, remainingMs }: Approval): string =>
  `${id}  ${state.padEnd(8)} ${state === 'pending' ? `${formatNs(remainingMs * 1e6)} left` : ''}\n  ${shown(caller)}: ${shown(summary, Number.POSITIVE_INFINITY)}`;

interface Flags {
  readonly why?: string;
  readonly deny?: boolean;
  readonly list?: boolean;
  readonly json?: boolean;
}

function approve(id: string | undefined, flags: Flags): void {
  const out = makeOutput(flags.json ?? false);
  const approvals = new Approvals();
  try {
    if (id === undefined || flags.list) {
      const open = approvals.all().filter(({ state }) => state === 'pending');
      const text = open.length === 0 ? 'nothing waits for an approval' : open.map(line).join('\n');
      out.result({ schema: 'tunesmith.approvals/1', approvals: open }, text);
      return;
    }
    if (flags.why === undefined)
      throw missing('--why', shellLine('tunesmith', 'approve', id, '--why', 'THE REASON'));
    const answered = approvals.answer(id, !flags.deny, person(), flags.why);
    out.result({ schema: 'tunesmith.approval/1', ...answered }, `${answered.id} is ${answered.state}`);
  } finally {
    approvals.close();
  }
}

export const approveCommand = (): Command =>
  new Command('approve')
    .argument('[id]', 'of the question; none: list what is open')
    .option('--why <text>', 'the justification; it goes into the ledger')
    .option('--deny', 'refuse it')
    .option('--list', 'list what is open')
    .option('--json', 'print one JSON object')
    .action(approve);
