import type { Manifest, Tunable } from './manifest.js';

/** A `const volatile` variable of a policy's source: what a loader can set before the policy is loaded. */
export interface Declared {
  readonly name: string;
  readonly type: string;
  /** Undefined when the initial value is no plain number. */
  readonly value: number | undefined;
  readonly line: number;
}

/** A declaration up to its initial value, or up to its end when it has none. */
const HEAD = /^[ \t]*(?:static )?const volatile (\w+(?: \w+)*?) (\w+)(;| = (?!;))/gm;

/**
 * The tunables a source declares, one to a line; arrays and structures are not tunables. Takes time in proportion to the
 * source's length, whatever is in it: no part is looked at again for the next declaration.
 */
export function declaredTunables(source: string): Declared[] {
  const found: Declared[] = [];
  const head = new RegExp(HEAD);
  let [line, counted] = [1, 0];
  for (let match = head.exec(source); match !== null; match = head.exec(source)) {
    const [text, type = '', name = '', behind] = match;
    const end = behind === ';' ? head.lastIndex - 1 : source.indexOf(';', head.lastIndex);
    if (end < 0) break; // nothing behind this ends, so nothing more is declared
    const initial = behind === ';' ? '0' : source.slice(head.lastIndex, end).trim();
    const number = /^(-?\d+)[uUlL]*$/.exec(initial)?.[1];
    for (const start = match.index + text.search(/\S/); counted < start; counted++)
      if (source[counted] === '\n') line++;
    found.push({ name, type, value: number === undefined ? undefined : Number(number), line });
    head.lastIndex = end + 1;
  }
  return found;
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  bool: [0, 1],
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  u64: [0, Number.MAX_SAFE_INTEGER],
  s32: [-0x8000_0000, 0x7fff_ffff],
  s64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

function mismatch(told: Tunable, declared: Declared | undefined): string[] {
  if (!declared) return [`tunable ${told.name} is not in the source: no \`const volatile … ${told.name}\``];
  const range = RANGES[declared.type];
  const [least, most] = range ?? [0, 0];
  const problems = range
    ? []
    : [`tunable ${told.name} has the type ${declared.type}, not one of ${Object.keys(RANGES).join(', ')}`];
  if (range && (told.min < least || told.max > most))
    problems.push(
      `tunable ${told.name} may be ${told.min} to ${told.max}, which a ${declared.type} cannot hold`,
    );
  if (declared.value !== told.default)
    problems.push(
      `tunable ${told.name} is ${declared.value ?? 'no plain number'} in the source and ${told.default} in policy.json`,
    );
  return problems;
}

/** Where a manifest's tunables and the source's differ: name, type, range, default. Empty when they agree. */
export function tunableProblems({ tunables }: Pick<Manifest, 'tunables'>, source: string): string[] {
  const declared = declaredTunables(source);
  const told = new Set(tunables.map(({ name }) => name));
  return [
    ...tunables.flatMap((tunable) =>
      mismatch(
        tunable,
        declared.find(({ name }) => name === tunable.name),
      ),
    ),
    ...declared
      .filter(({ name }) => !told.has(name))
      .map(({ name, line }) => `${name} (line ${line}) can be set and is not told in policy.json`),
  ];
}
