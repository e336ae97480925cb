import { oneLine } from '../../../shown.js';
import type { Finding } from '../../../verify/verdict.js';
import type { PolicyVerdict, StageReport } from '../../../verify/verdict-schema.js';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function stageLine({ stage, findings, tookMs, programs, probes }: StageReport): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const sum = (programs ?? []).reduce((all, { insns }) => all + insns, 0);
  const states = (programs ?? []).reduce((all, program) => all + program.states, 0);
  const more = [
    ...(programs ? [`${programs.length} programs, ${sum} instructions, ${states} states`] : []),
    ...(probes ? [`${probes.length} probes`] : []),
  ];
  const word = errors > 0 ? 'REJECTED' : 'passed';
  return `${stage.padEnd(8)} ${word.padEnd(8)} ${seconds(tookMs).padStart(7)}  ${more.join('; ')}`.trimEnd();
}

function findingText({ rule, severity, message, place, hint }: Finding): string {
  const where = place
    ? `${oneLine(place.file, 300)}:${place.line}${place.column ? `:${place.column}` : ''}: `
    : '';
  // A message's further lines are set in, so that none passes for a line of ours.
  const said = message.replaceAll('\n', '\n    ');
  return [`${where}${severity}: ${said} [${rule}]`, ...(hint ? [`    ${hint}`] : [])].join('\n');
}

/** A verdict for people: stage by stage, then what was found. */
export const verdictText = ({
  policy,
  kernel,
  accepted,
  stage,
  until,
  findings,
  stages,
}: PolicyVerdict): string =>
  [
    `${oneLine(policy, 300)} on Linux ${kernel}`,
    ...stages.map(stageLine),
    ...findings.map(findingText),
    accepted ? `accepted${until === 'trial' ? '' : ` up to ${until}`}` : `rejected by ${stage}`,
  ].join('\n');
