import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
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

const DIRECTIVE = /^[ \t\v\f]*(?:#|%:)[ \t\v\f]*(\w+)[ \t\v\f]*(.*)$/;
const INCLUDES = new Set(['include', 'include_next', 'import']);

/** A line that goes on in the next one; clang lets blanks follow the backslash. */
const SPLICE = /\\[ \t\v\f]*$/;

interface Line {
  /** The number of the line it begins on. */
  readonly line: number;
  readonly text: string;
}

function splicedLines(source: string): Line[] {
  const found: Line[] = [];
  let parts: string[] = [];
  for (const [index, text] of source.split(/\r\n|\n|\r/).entries()) {
    const splice = SPLICE.exec(text);
    parts.push(splice ? text.slice(0, splice.index) : text);
    if (splice) continue;
    found.push({ line: index + 2 - parts.length, text: parts.join('') });
    parts = [];
  }
  if (parts.length > 0) found.push({ line: 0, text: parts.join('') });
  return found;
}

/** Literals, which hide comments, and where comments begin. */
const COMMENTS = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\/\/.*|\/\*/g;

/** What a preprocessor makes of a text before it looks for directives: splices joined, comments blanks. */
export function logicalLines(source: string): Line[] {
  const found: Line[] = [];
  let [text, start, isComment] = ['', 0, false];
  for (const { line, text: rest } of splicedLines(source)) {
    if (!isComment) start = line;
    let at = 0;
    if (isComment) {
      const end = rest.indexOf('*/');
      if (end < 0) continue;
      at = end + 2;
      isComment = false;
    }
    COMMENTS.lastIndex = at;
    for (let token = COMMENTS.exec(rest); token; token = COMMENTS.exec(rest)) {
      if (!token[0].startsWith('/')) continue;
      text += `${rest.slice(at, token.index)} `;
      const end = token[0] === '/*' ? rest.indexOf('*/', token.index + 2) : -1;
      at = end < 0 ? rest.length : end + 2;
      isComment = token[0] === '/*' && end < 0;
      if (end < 0) break;
      COMMENTS.lastIndex = at;
    }
    text += rest.slice(at);
    if (isComment) continue;
    found.push({ line: start, text });
    text = '';
  }
  return text === '' ? found : [...found, { line: start, text }];
}

/** Directives that plainly lead out: a path from the root, one with `..`, `#embed`, and questions for files. */
export function refusedDirectives(source: string): Finding[] {
  return logicalLines(source).flatMap(({ line, text }): Finding[] => {
    const [, directive = '', rest = ''] = DIRECTIVE.exec(text) ?? [];
    const path = /^["<]([^">]*)/.exec(rest)?.[1] ?? '';
    const refuse = (message: string): Finding[] => [
      refusal('compile/outside-file', message, OUTSIDE_HINT, line),
    ];
    if (directive === 'embed' || /\b__has_(embed|include|include_next)\b/.test(text))
      return refuse('a policy may not look for files or embed them');
    if (/\bdependency\b/.test(text) && /\b(?:_Pragma|__pragma|pragma)\b/.test(text))
      return refuse('a policy may not ask when files were changed');
    if (INCLUDES.has(directive) && leadsOut(path))
      return refuse(`#${directive} leads out of the policy: ${path}`);
    return [];
  });
}

/** A path from the root, or one that goes up. */
const leadsOut = (path: string): boolean => path.startsWith('/') || path.split('/').includes('..');

/** clang's words for a file that it was to open. Whether it is there is told of none that lies outside. */
const OPENING =
  /error: (?:'([^'\n]*)' file not found|cannot open file '([^'\n]*)'|(?:could not|error) (?:open|read)\w* (?:file )?'([^'\n]*)')/g;

/** The first file that clang looked for where a policy has none to look for; undefined without one. */
export function soughtOutside(stderr: string): string | undefined {
  for (const [, absent, closed, other] of stderr.matchAll(OPENING)) {
    if (absent !== undefined && !leadsOut(absent)) continue;
    return absent ?? closed ?? other;
  }
  return undefined;
}

const real = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

/** Every file clang has opened, by the list `-H` prints, and by the name it has there. */
export const openedFiles = (stderr: string): string[] => [
  ...new Set([...stderr.matchAll(/^\.+ (.+)$/gm)].map(([, path]) => path as string)),
];

/** The opened files that lie in none of `roots`, all resolved first; `here` is where clang ran. */
export function outsideFiles(files: readonly string[], roots: readonly string[], here: string): string[] {
  const homes = roots.map((root) => real(root) + sep);
  return files.filter((file) => !homes.some((home) => real(resolve(here, file)).startsWith(home)));
}

export const outsideFinding = (path: string): Finding =>
  refusal('compile/outside-file', `the policy takes in ${path}, which is no header for it`, OUTSIDE_HINT);

/** What may begin with a hash in preprocessed text: where a line is from, and what the compiler itself is told. */
const MARKER = /^# (\d+) "((?:[^"\\]|\\.)*)"((?: \d)*)$/;
/** Pragmas are for the compiler, but for those that have to do with files. */
const PRAGMA = /^#pragma (?!.*\b(?:module|include_alias|dependency|include|import|embed)\b)/;

/**
 * Lines of preprocessed text that a compiler would take for directives and that are none of its own, and names of
 * files that the policy made up: debug information takes in the lines of a file that is named.
 */
export function refusedLines(preprocessed: string, opened: readonly string[]): Finding[] {
  const known = new Set(['<built-in>', '<command line>', '<stdin>', ...opened]);
  for (const [line] of preprocessed.matchAll(/^[ \t\v\f]*(?:#|%:|\?\?=).*$|^.*\\[ \t]*$/gm)) {
    const name = MARKER.exec(line)?.[2];
    if (name === undefined && !PRAGMA.test(line))
      return [
        refusal(
          'compile/directive',
          `a macro makes a directive: ${line.trim().slice(0, 100)}`,
          'write it out',
        ),
      ];
    if (name !== undefined && !known.has(name) && (leadsOut(name) || name.includes('\\')))
      return [outsideFinding(name.slice(0, 200))];
  }
  return [];
}

/** Directives that put numbers in place; every other one could read a file, or make one that does. */
const HARMLESS = new Set(['.byte', '.short', '.long', '.quad', '.2byte', '.4byte', '.8byte']);

/**
 * String and character literals, so that words in them are passed over, and the words that begin assembly: with
 * -fms-extensions `_asm` is one of them.
 */
const WORDS = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\b(?:asm|_asm|__asm|__asm__)\b/g;
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
