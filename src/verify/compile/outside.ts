import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import type { Finding } from '../verdict.js';

/*
 * A policy may come from anyone, a model included. What it includes, embeds or has assembled could carry a file of
 * this machine into a message or an object, so whatever leads out of the directories meant for it is refused, and
 * nothing clang says is passed on before that is known.
 */

const refusal = (rule: string, message: string, hint: string, line?: number): Finding => ({
  stage: 'compile',
  rule,
  severity: 'error',
  message,
  ...(line !== undefined && { place: { file: '', line } }),
  hint,
});

const OUTSIDE_HINT =
  'include headers by name only: "policy.bpf.h", "vmlinux.h", <bpf/…>, or those of --include';

const DIRECTIVE = /^[ \t]*(?:#|%:)[ \t]*(include|include_next|import|embed)\b[ \t]*(.*)$/;

/** Directives that plainly lead out: a path from the root, one with `..`, `#embed`, and questions for files. */
export function refusedDirectives(source: string): Finding[] {
  return source.split('\n').flatMap((text, index): Finding[] => {
    const line = index + 1;
    const [, directive, rest = ''] = DIRECTIVE.exec(text) ?? [];
    const path = /^["<]([^">]*)/.exec(rest)?.[1] ?? '';
    if (directive === 'embed' || /\b__has_(embed|include|include_next)\b/.test(text))
      return [
        refusal('compile/outside-file', 'a policy may not look for files or embed them', OUTSIDE_HINT, line),
      ];
    if (directive !== undefined && (path.startsWith('/') || path.split('/').includes('..')))
      return [
        refusal('compile/outside-file', `#${directive} leads out of the policy: ${path}`, OUTSIDE_HINT, line),
      ];
    return [];
  });
}

const real = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

/** Every file clang has opened: the list `-H` prints, and the dependencies, which name embedded files as well. */
export function openedFiles(stderr: string, dependencies: string): string[] {
  const listed = [...stderr.matchAll(/^\.+ (.+)$/gm)].map(([, path]) => path as string);
  const needed = existsSync(dependencies)
    ? readFileSync(dependencies, 'utf8')
        .replace(/^[^:]*:/, '')
        .replaceAll('\\\n', ' ')
        .split(/(?<!\\)\s+/)
        .filter((path) => path !== '')
        .map((path) => path.replaceAll('\\ ', ' ').replaceAll('$$', '$'))
    : [];
  return [...new Set([...listed, ...needed])];
}

/** The opened files that lie in none of `roots`; a relative path is one in the policy's own directory. */
export function outsideFiles(files: readonly string[], roots: readonly string[]): string[] {
  const homes = roots.map((root) => real(root) + sep);
  return files.filter((file) => file.startsWith('/') && !homes.some((home) => real(file).startsWith(home)));
}

export const outsideFinding = (path: string): Finding =>
  refusal('compile/outside-file', `the policy takes in ${path}, which is no header for it`, OUTSIDE_HINT);

/** Directives that put numbers in place; every other one could read a file, or make one that does. */
const HARMLESS = new Set(['.byte', '.short', '.long', '.quad', '.2byte', '.4byte', '.8byte']);

/** String and character literals, so that words in them are passed over, and the words that begin assembly. */
const WORDS = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\b(?:asm|__asm|__asm__)\b/g;
const QUALIFIERS = /\s*(?:(?:volatile|__volatile__|__volatile|goto|inline)\s*)*\(/y;
/** Such a literal may hold quotes, and hide what follows it from WORDS. */
const RAW_LITERAL = /(?<!\w)(?:u8|u|U|L)?R"/;

/** Assembly in preprocessed source that could make the assembler read a file. What cannot be told is refused too. */
export function refusedAssembly(preprocessed: string): Finding[] {
  const text = preprocessed.replace(/^#.*$/gm, '');
  const found = RAW_LITERAL.test(text) ? 'a raw string literal' : suspiciousAssembly(text);
  if (found === undefined) return [];
  return [
    refusal(
      'compile/assembly',
      `inline assembly with ${found}, which could read files of this machine`,
      'assembly in a policy may hold instructions, and .byte, .short, .long and .quad',
    ),
  ];
}

function suspiciousAssembly(text: string): string | undefined {
  for (const { index, 0: word } of text.matchAll(WORDS)) {
    if (/^["']/.test(word)) continue;
    QUALIFIERS.lastIndex = index + word.length;
    if (!QUALIFIERS.test(text)) return 'no template';
    const template = templateAt(text, QUALIFIERS.lastIndex);
    if (template === undefined) return 'a template that is no plain string';
    if (/\\[^nt"\\]/.test(template)) return 'an escape sequence';
    const other = template.match(/\.[\w.$@]*/g)?.find((directive) => !HARMLESS.has(directive));
    if (other !== undefined) return other;
  }
  return undefined;
}

/** The string literals at a place, as they are written, joined; undefined when something else follows them. */
function templateAt(text: string, from: number): string | undefined {
  const literal = /\s*"((?:[^"\\\n]|\\.)*)"/y;
  let joined = '';
  for (literal.lastIndex = from; ; ) {
    const end = literal.lastIndex;
    const found = literal.exec(text);
    if (!found) return /^\s*[:,)]/.test(text.slice(end, end + 200)) ? joined : undefined;
    joined += found[1];
  }
}
