import { type Finding, STAGES, type StageVerdict } from '../verdict.js';
import { buildPolicy } from './model/build.js';
import type { Report, Rule } from './rule.js';
import { RULES } from './rules/index.js';
import { bareCode, Lines } from './syntax/blank.js';
import { parseC } from './syntax/parse.js';
import { rewrite } from './syntax/rewrite.js';
import { deepestBracket, LONGEST, LONGEST_NAME, TEXT_RULES, unpairedBracket } from './text.js';

export interface LintOptions {
  /** What to call the source in findings. */
  readonly file: string;
  /** Names of the target kernel's kfuncs; without them, names that no kernel has are reported alone. */
  readonly kfuncs?: ReadonlySet<string>;
}

/** clang's -fbracket-depth is 256 unless told otherwise. */
const DEEPEST_BRACKET = 256;
/** So that a file that is no policy at all is not answered with a thousand lines. */
const MOST_FINDINGS = 50;

type Found = Pick<Rule, 'id' | 'severity'> & Report;

/** The lint stage, in this very thread: for as long as it takes. `lintPolicy` bounds it. */
export async function look(source: string | Uint8Array, options: LintOptions): Promise<StageVerdict> {
  const started = performance.now();
  const { text, found } = decode(source);
  found.push(...(await reports(text, options.kfuncs)));
  const lines = new Lines(text);
  const seen = new Set<string>();
  const told = found
    .map((one) => finding(one, lines, options.file))
    .filter(({ rule, place, message }) => {
      const key = `${rule} ${place?.line} ${message}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
    .slice(0, MOST_FINDINGS)
    .sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0));
  return { stage: STAGES[0], findings: told, tookMs: performance.now() - started };
}

const found = ({ id, severity }: Pick<Rule, 'id' | 'severity'>, report: Report): Found => ({
  ...{ id, severity },
  ...report,
});

function decode(source: string | Uint8Array): { text: string; found: Found[] } {
  if (typeof source === 'string') return { text: source, found: [] };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(source), found: [] };
  } catch {
    const text = Buffer.from(source).toString('latin1');
    const report = {
      at: text.search(/[\x80-\xff]/),
      severity: 'warning' as const,
      message: 'the source is not UTF-8; it is read as Latin-1',
    };
    return { text, found: [found(TEXT_RULES.notText, report)] };
  }
}

async function reports(source: string, kfuncs: ReadonlySet<string> | undefined): Promise<Found[]> {
  const refuse = (rule: Pick<Rule, 'id' | 'severity'>, report: Report): Found[] => [found(rule, report)];
  const nul = source.indexOf('\0');
  if (nul >= 0)
    return refuse(TEXT_RULES.notText, { at: nul, message: 'the source holds NUL bytes: it is no text' });
  if (source.length > LONGEST)
    return refuse(TEXT_RULES.tooLarge, {
      at: null,
      message: `the source is ${source.length} characters long; the limit is ${LONGEST}`,
    });
  const given = bareCode(source);
  if (given.trim() === '') return refuse(TEXT_RULES.empty, { at: null, message: 'the source is empty' });
  const name = new RegExp(`\\w{${LONGEST_NAME + 1},}`).exec(given);
  if (name !== null)
    return refuse(TEXT_RULES.tooLarge, {
      at: name.index,
      message: `a name or number is ${name[0].length} characters long; the limit is ${LONGEST_NAME}`,
    });
  const { depth, at } = deepestBracket(given);
  if (depth > DEEPEST_BRACKET)
    return refuse(TEXT_RULES.tooDeep, { at, message: `brackets are nested ${depth} deep` });

  const rewritten = rewrite(source);
  const { root, tooDeepAt } = await parseC(rewritten.text);
  if (tooDeepAt !== null)
    return refuse(TEXT_RULES.tooDeep, {
      at: tooDeepAt,
      message: 'expressions are nested too deep to be followed',
    });
  const policy = buildPolicy(source, rewritten, root, kfuncs);
  const unpaired = unpairedBracket(rewritten.bare);
  if (unpaired !== undefined) {
    const hidden = /^[ \t]*#[ \t]*if/m.test(source);
    const report: Report = {
      at: unpaired,
      message: `${source[unpaired]} has no partner`,
      ...(hidden && { severity: 'warning' as const }),
    };
    // What stands where cannot be told then, so nothing else is said.
    return refuse(TEXT_RULES.unbalanced, report);
  }
  return RULES.flatMap((rule) => rule.check(policy).map((report) => found(rule, report)));
}

function finding({ id, at, severity, message, hint }: Found, lines: Lines, file: string): Finding {
  const offset = at === null ? undefined : typeof at === 'number' ? at : at.start;
  return {
    ...{ stage: 'lint', rule: id, severity, message },
    ...(offset !== undefined && { place: { file, ...lines.place(offset) } }),
    ...(hint !== undefined && { hint }),
  };
}
