import { plain } from '../../tuners/llm/fence.js';
import { OPS, SLEEPABLE_OPS } from '../../verify/lint/model/known.js';
import type { Proposal, ProposedTunable } from './reply.js';

/** What a model's callbacks are called: policy_enqueue and so on; a result is given a name of its own. */
export const PREFIX = 'policy';

/** A whole source, and where the model's part of it begins. */
export interface Assembled {
  readonly source: string;
  /** Line of the source, from 1, at which the model's code begins. */
  readonly firstLine: number;
}

const CALLBACK = new RegExp(`\\bBPF_STRUCT_OPS(?:_SLEEPABLE)?\\s*\\(\\s*${PREFIX}_(\\w+)`, 'g');
const OURS: readonly string[] = ['cpu_online', 'cpu_offline', 'exit'];

/** The callbacks that a model's code defines, in the order of the kernel's table. */
export function callbacksIn(code: string): string[] {
  const defined = new Set([...code.matchAll(CALLBACK)].map(([, name]) => name as string));
  const known = [...OPS.keys()].filter((name) => defined.has(name));
  return [...known, ...[...defined].filter((name) => !OPS.has(name))];
}

/** For a comment: one line that cannot end it. */
const said = (text: string, most: number): string =>
  plain(text, most).replaceAll('*/', '* /').replaceAll('/*', '/ *');

/** Words in lines of a comment. */
export function wrapped(text: string, prefix = ' * ', width = 110): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) as string;
    if (last !== '' && prefix.length + last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `${prefix}${line}`.trimEnd());
}

/** A tunable under its comment, which begins in the first column. */
function declared({ name, type, meaning, cost, default: value }: ProposedTunable): string {
  const comment = wrapped(`${said(meaning, 200)}. ${said(cost, 200)}`, ' * ').join('\n');
  return `/${comment.slice(1)} */\nconst volatile ${type} ${name} = ${value};\n`;
}

/**
 * A policy of a model's proposal: licence, types, tunables, exit record, hot-plug and the ops table are ours, and the
 * watchdog's limit is set by whoever loads it.
 */
export function assemble({ summary, algorithm, tunables, code }: Proposal): Assembled {
  const head = [
    '// SPDX-License-Identifier: (MIT OR GPL-2.0-only)',
    '/*',
    ...wrapped(said(summary, 120)),
    ' *',
    ...wrapped(said(algorithm, 500)),
    ' *',
    ' * The callbacks were proposed by a model and proved in the lab; lineage.json tells how.',
    ' */',
    '#include "policy.bpf.h"',
    '#include "policy_preempt.bpf.h"',
    '',
    'char LICENSE[] SEC("license") = "Dual MIT/GPL";',
    '',
    ...tunables.map(declared),
  ].join('\n');
  const callbacks = callbacksIn(code);
  const bound = [...callbacks.filter((name) => !OURS.includes(name)), ...OURS];
  const tail = [
    '',
    `POLICY_EXIT(${PREFIX}_exit)`,
    '',
    `POLICY_HOTPLUG_IGNORED(${PREFIX}_cpu_online, ${PREFIX}_cpu_offline)`,
    '',
    `SCX_OPS_DEFINE(${PREFIX}_ops,`,
    ...bound.map((name) => `\t       .${name} = (void *)${PREFIX}_${name},`),
    `\t       .name = "${PREFIX}");`,
    '',
  ].join('\n');
  const body = code.replaceAll('\r\n', '\n').trim();
  return { source: `${head}\n${body}\n${tail}`, firstLine: head.split('\n').length + 1 };
}

/** The ops that a model may serve, those that may sleep marked. */
export const offeredOps = (): readonly string[] =>
  [...OPS]
    .filter(([name]) => !OURS.includes(name) && !/^sub_|^dump|_cids$/.test(name))
    .map(([name]) => (SLEEPABLE_OPS.has(name) ? `${name} (sleepable)` : name));
