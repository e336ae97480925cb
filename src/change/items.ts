import { readFileSync } from 'node:fs';
import { messageOf, TunesmithError, usageError } from '../errors.js';
import { inDebugfs, type Located, sysctl, weight } from '../host/locate.js';
import type { Scope } from '../host/scope.js';
import { findKnob } from '../knobs/catalogue.js';
import type { HostKnob, KernelKnob, Knob, KnobValues, KnobWarning, SchedulerClass } from '../knobs/types.js';
import { checkValue, validateChange } from '../knobs/validate.js';
import type { PlanContext } from './plan-context.js';
import type { ChangeScope } from './scope.js';
import { sliceItems } from './slices.js';
import type { Item } from './types.js';

/** Finds a knob's file for a scope. @throws TunesmithError when this machine does not let us have it */
export type Locator = (knob: Knob, scope: ChangeScope) => Located;

/** The values of the kernel's that a change is made of. */
export interface Plan {
  readonly items: readonly Item[];
  /** In each knob's unit, as they are now. */
  readonly before: KnobValues;
  readonly warnings: readonly string[];
  /** What no other staged change may have a share in: stored, and compared with others' `touches`. */
  readonly claims: readonly string[];
  readonly touches: readonly string[];
  /** What the deadman is to know besides the items, as lines of an undo list (native/deadman/list.h). */
  readonly lines: string;
}

/** Knobs that contradict each other when they are changed apart. */
const TIED: readonly (readonly string[])[] = [['latency_ns', 'min_granularity_ns']];

const isTask = (knob: Knob): boolean => 'home' in knob && (knob as HostKnob).home === 'task';

/**
 * Checks the values against the knobs' own rules and reads what is in force. Writes nothing.
 * @throws TunesmithError usage as `validateChange`, or for a scope that a knob has not; incapable when one cannot be had
 */
export function makePlan(
  values: KnobValues,
  scope: ChangeScope,
  scheduler: SchedulerClass,
  locate: Locator,
  context: PlanContext,
): Plan {
  const knobs = Object.keys(values).map((name) => findKnob(name, scheduler));
  for (const knob of knobs) checkValue(knob, values[knob.name] as number);
  const files = knobs.filter((knob) => !isTask(knob)).map((knob) => read(locate(knob, scope)));
  const tasks = knobs.some(isTask) ? sliceItems(values.slice_ns ?? Number.NaN, scope, context) : null;
  const before: KnobValues = {
    ...Object.fromEntries(files.map(({ located, value }) => [located.knob, value])),
    ...(tasks ? { slice_ns: tasks.before } : {}),
  };
  const tied = tiedValues(values, before, scheduler, (knob) => read(locate(knob, scope)).value);
  const warnings = validateChange(values, { scheduler, defaults: { ...tied, ...before } });
  const written = files.map(({ located, text }): Item => {
    const { knob, path, notation } = located;
    return { knob, kind: 'file', place: path, before: text, after: notation.toText(values[knob] as number) };
  });
  const claims = files.map(({ located }) => claimOf(located));
  return {
    items: [...written, ...(tasks?.items ?? [])],
    before,
    warnings: warnings.map(({ message }: KnobWarning) => message),
    claims: [...claims, ...(tasks?.claims ?? [])],
    touches: [...claims, ...(tasks?.touches ?? [])],
    lines: tasks?.lines ?? '',
  };
}

function claimOf({ knob, path }: Located): string {
  const tied = TIED.find((names) => names.includes(knob));
  return tied ? `knobs:${tied.join('+')}` : `file:${path}`;
}

/** The knobs that are not in the change, but have a rule in common with one that is. */
function tiedValues(
  values: KnobValues,
  before: KnobValues,
  scheduler: SchedulerClass,
  readNow: (knob: Knob) => number,
): KnobValues {
  const named = Object.keys(values);
  const others = TIED.filter((names) => names.some((name) => named.includes(name)))
    .flat()
    .filter((name) => before[name] === undefined);
  return Object.fromEntries(others.map((name) => [name, readNow(findKnob(name, scheduler))]));
}

function read(located: Located): { located: Located; text: string; value: number } {
  const { knob, path, notation } = located;
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new TunesmithError('incapable', `${knob}: ${path} cannot be read: ${messageOf(cause)}`, {
      hint: 'the kernel does not have this knob any more, or not for us: see tunesmith doctor',
      cause,
    });
  }
  const value = notation.fromText(text);
  if (text !== '' && !/[\t\n]/.test(text) && Number.isSafeInteger(value)) return { located, text, value };
  throw new TunesmithError(
    'incapable',
    `${knob}: ${path} holds ${JSON.stringify(text.slice(0, 40))}, no number`,
  );
}

/** The real `Locator`; remembers the files of knobs that the machine has once. */
export function machineLocator(): Locator {
  const known = new Map<string, Located>();
  return (knob, scope) => {
    const remembered = known.get(knob.name);
    if (remembered && scope.kind === 'machine') return remembered;
    const perCgroup = 'home' in knob && (knob as HostKnob).home === 'cgroup';
    if (perCgroup && scope.kind !== 'cgroup')
      throw usageError('scope', scope.kind, `does not go with ${knob.name}`, 'a cgroup has it: cgroup:/PATH');
    if (!perCgroup && scope.kind !== 'machine')
      throw usageError(
        'scope',
        scope.kind,
        `does not go with ${knob.name}`,
        'the kernel has it once: leave the scope out',
      );
    if (perCgroup && scope.kind !== 'cgroup')
      throw usageError(
        'scope',
        scope.kind,
        `does not go with ${knob.name}, which a cgroup has`,
        'take --scope cgroup:/PATH',
      );
    const found = perCgroup
      ? weight(knob as HostKnob, scope as Scope)
      : 'debugfs' in knob
        ? inDebugfs(knob as KernelKnob)
        : sysctl(knob as HostKnob);
    if ('why' in found)
      throw new TunesmithError(
        'incapable',
        `${knob.name}: ${found.why}`,
        found.fix ? { hint: found.fix } : {},
      );
    if (scope.kind === 'machine') known.set(knob.name, found);
    return found;
  };
}
