import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareCode } from '../lint/syntax/blank.js';

/** Headers whose names a policy may have for itself, each behind POLICY_OWN_name. */
const GUARDED = ['policy_constants.bpf.h', 'policy_names.bpf.h', 'policy.bpf.h'];

/** The names that the headers in `dir` give up to a policy that defines them; true: functions that are renamed. */
function guardedNames(dir: string): Map<string, boolean> {
  const names = new Map<string, boolean>();
  for (const file of GUARDED)
    for (const [, directive, name] of readFileSync(join(dir, file), 'utf8').matchAll(
      /^#(ifn?def) POLICY_OWN_(\w+)$/gm,
    ))
      names.set(name as string, directive === 'ifdef');
  return names;
}

/** What a source defines: macros, functions with a body, enumerators. */
function definedIn(source: string): Set<string> {
  const code = bareCode(source);
  const names = [
    ...code.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)/gm),
    ...code.matchAll(/\b(\w+)\s*\([^;{}()#]*\)\s*\{/g),
    ...[...code.matchAll(/\benum\b[^;{}()]{0,200}\{([^{}]*)\}/g)].flatMap(([, list = '']) => [
      ...list.matchAll(/(?:^|,)\s*(\w+)/g),
    ]),
  ];
  return new Set(names.map(([, name]) => name as string));
}

/**
 * Flags by which a policy keeps the meaning that it gives itself to a name of our headers, such as its own min() or
 * vtime_before(), instead of being refused for defining it twice.
 */
export function ownNameFlags(source: string, headers: string): string[] {
  const own = definedIn(source);
  return [...guardedNames(headers)].flatMap(([name, isRenamed]) =>
    own.has(name) ? [`-DPOLICY_OWN_${name}`, ...(isRenamed ? [`-D${name}=policy_${name}`] : [])] : [],
  );
}
