import { fenced, plain } from '../../tuners/llm/fence.js';
import type { Rejection } from './rejection.js';

const WHERE = {
  reply: 'the form of your reply',
  proposal: 'what you may not write',
  lint: 'the checker',
  compile: 'the compiler',
  load: 'the kernel’s verifier',
  attach: 'the kernel, while the policy was in force for a moment',
  trial: 'a probe: a load that breaks what only looks right',
} as const;

/** What a model is told of a candidate that was rejected: stage, rule, place and way out; others' words are fenced. */
export function repairText({ stage, rule, message, hint, line, text }: Rejection): string {
  const place =
    line === undefined ? [] : [`Line ${line} of your code: ${JSON.stringify(plain(text ?? '', 200))}`];
  return [
    `That was rejected by ${WHERE[stage]} [${rule}].`,
    fenced('verdict', [message], 600),
    ...place,
    ...(hint === undefined ? [] : [`Way out: ${plain(hint, 300)}`]),
    'Repair it and reply with the whole JSON object again.',
  ].join('\n');
}

/** What a model is told of a policy of its own that measured well and that a probe rejects, as all finalists are probed. */
export function probedText({
  rejection,
  figure,
}: {
  readonly rejection: Rejection;
  readonly figure: string;
}): string {
  return `This policy of yours is among the best so far (${figure}), but it could not win: before the end every finalist passes the probes. Keep what makes it good.\n${repairText(rejection)}`;
}

/** The same in a line for journals and reports. */
export const rejectionLine = ({ stage, rule, message }: Rejection): string =>
  `${stage}: ${plain(message, 300)} [${rule}]`;
