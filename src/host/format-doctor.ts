import type { DoctorReport } from './report.js';
import type { DoctorRow } from './row.js';

const COLOR = { ok: 32, degraded: 33, missing: 31 } as const;
const MARK = { ok: '✓', degraded: '!', missing: '✗' } as const;

export interface FormatOptions {
  /** ANSI colours; the caller heeds NO_COLOR and what stdout is. */
  readonly color: boolean;
  /** Columns of the terminal; at least 40 are used. */
  readonly width: number;
}

/** The report for people: one aligned line a row, with cost and fix below those that are not ok, then the verdict. */
export function formatDoctor(report: DoctorReport, { color, width }: FormatOptions): string {
  const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const columns = Math.max(40, width);
  const names = Math.min(Math.max(0, ...report.rows.map(({ name }) => name.length)), Math.floor(columns / 3));
  const indent = names + 5;

  const line = (row: DoctorRow): string[] => {
    const [first = '', ...rest] = wrap(row.found, columns - indent);
    const head = `  ${paint(COLOR[row.state], MARK[row.state])} ${row.name.padEnd(names)} ${first}`;
    return [
      head,
      ...rest.map((text) => ' '.repeat(indent) + text),
      ...note('costs', row.cost),
      ...note('fix', row.fix),
    ];
  };
  const note = (label: string, text: string): string[] =>
    text === ''
      ? []
      : wrap(text, columns - indent - 6).map(
          (part, i) => ' '.repeat(indent) + paint(2, (i === 0 ? label : '').padEnd(6) + part),
        );

  return `${[...report.rows.flatMap(line), '', ...wrap(verdict(report), columns)].join('\n')}\n`;
}

function verdict({ rows, capable }: DoctorReport): string {
  const count = (state: DoctorRow['state']) => rows.filter((row) => row.state === state).length;
  const tally = `${count('ok')} ok, ${count('degraded')} degraded, ${count('missing')} missing.`;
  const blocking = rows.filter((row) => row.required && row.state === 'missing').map(({ name }) => name);
  return capable
    ? `The lab can run here. ${tally}`
    : `The lab cannot run here: see ${blocking.join(', ')}. ${tally}`;
}

/**
 * Breaks text at blanks into lines of at most `width` characters; a longer word keeps a line of its own. Control
 * characters, which only a stranger's file name or output could bring, are shown as dots.
 */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}](?<![\t\n])/gu, '·').split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
