import { buildPolicy } from './lint/model/build.js';
import type { Report, Rule } from './lint/rule.js';
import { RULES } from './lint/rules/index.js';
import { parseC } from './lint/syntax/parse.js';
import { rewrite } from './lint/syntax/rewrite.js';
import { deepestBracket, LONGEST, TEXT_RULES, unpairedBracket } from './lint/text.js';
import { type Finding, type SourcePlace, STAGES, type StageVerdict } from './verdict.js';

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

/**
 * Looks for the mistakes that can be seen in a policy's source. An error is certain to be one; doubt is a warning.
 * Any text is answered, whatever it is; bytes are taken for UTF-8, or else for Latin-1.
 */
export async function lintPolicy(source: string | Uint8Array, options: LintOptions): Promise<StageVerdict> {
  const started = performance.now();
  const { text, findings } = decode(source, options.file);
  findings.push(...(await look(text, options)));
  const seen = new Set<string>();
  const told = findings
    .filter(({ rule, place, message }) => {
      const key = `${rule} ${place?.line} ${message}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
    .slice(0, MOST_FINDINGS)
    .sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0));
  return { stage: STAGES[0], findings: told, tookMs: performance.now() - started };
}

function decode(source: string | Uint8Array, file: string): { text: string; findings: Finding[] } {
  if (typeof source === 'string') return { text: source, findings: [] };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(source), findings: [] };
  } catch {
    const text = Buffer.from(source).toString('latin1');
    const at = text.search(/[\x80-\xff]/);
    const report = {
      at,
      severity: 'warning' as const,
      message: 'the source is not UTF-8; it is read as Latin-1',
    };
    return { text, findings: [finding(TEXT_RULES.notText, report, text, file)] };
  }
}

async function look(source: string, { file, kfuncs }: LintOptions): Promise<Finding[]> {
  const refuse = (rule: Pick<Rule, 'id' | 'severity'>, report: Report): Finding[] => [
    finding(rule, report, source, file),
  ];
  const nul = source.indexOf('\0');
  if (nul >= 0)
    return refuse(TEXT_RULES.notText, { at: nul, message: 'the source holds NUL bytes: it is no text' });
  if (source.length > LONGEST)
    return refuse(TEXT_RULES.tooLarge, {
      at: null,
      message: `the source is ${source.length} characters long; the limit is ${LONGEST}`,
    });
  const rewritten = rewrite(source);
  if (rewritten.text.trim() === '')
    return refuse(TEXT_RULES.empty, { at: null, message: 'the source is empty' });
  const { depth, at } = deepestBracket(rewritten.bare);
  const tooDeep = { at, message: `brackets are nested ${depth} deep` };
  if (depth > DEEPEST_BRACKET) return refuse(TEXT_RULES.tooDeep, tooDeep);

  const { root, tooDeepAt } = await parseC(rewritten.text);
  if (tooDeepAt !== null)
    return refuse(TEXT_RULES.tooDeep, {
      at: tooDeepAt,
      message: 'expressions are nested too deep to be followed',
    });
  const policy = buildPolicy(source, rewritten, root, kfuncs);
  const unpaired = unpairedBracket(rewritten.bare);
  if (unpaired !== undefined) {
    const hidden = /^\s*#\s*if/m.test(source);
    const report: Report = {
      at: unpaired,
      message: `${source[unpaired]} has no partner`,
      ...(hidden && { severity: 'warning' as const }),
    };
    // What stands where cannot be told then, so nothing else is said.
    return refuse(TEXT_RULES.unbalanced, report);
  }
  return RULES.flatMap((rule) => rule.check(policy).map((report) => finding(rule, report, source, file)));
}

function finding(
  rule: Pick<Rule, 'id' | 'severity'>,
  { at, message, hint, severity }: Report,
  source: string,
  file: string,
): Finding {
  const offset = at === null ? undefined : typeof at === 'number' ? at : at.start;
  return {
    stage: 'lint',
    rule: rule.id,
    severity: severity ?? rule.severity,
    message,
    ...(offset !== undefined && { place: placeOf(source, offset, file) }),
    ...(hint !== undefined && { hint }),
  };
}

/** Line and column of an offset, both from 1. */
function placeOf(source: string, offset: number, file: string): SourcePlace {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  return { file, line, column: offset - before.lastIndexOf('\n') };
}
