import { buildPolicy } from '../../verify/lint/model/build.js';
import { OPS } from '../../verify/lint/model/known.js';
import { parseC } from '../../verify/lint/syntax/parse.js';
import { rewrite } from '../../verify/lint/syntax/rewrite.js';

/** A function of a policy. */
export interface Part {
  /** Without the policy's own name before it, so that those of two policies can be compared: `enqueue`. */
  readonly name: string;
  /** It serves the callback of that name. */
  readonly isCallback: boolean;
  readonly text: string;
  /** What the comment before it, on lines of its own, says; '' without one. */
  readonly comment: string;
}

/** What a source is made of, as far as people compare it. */
export interface Anatomy {
  readonly name: string;
  /** The first comment's paragraphs. */
  readonly head: readonly string[];
  readonly parts: readonly Part[];
  /** What it does that a reader would look for, in words. */
  readonly traits: readonly string[];
}

const words = (comment: string): string =>
  comment
    .replaceAll(/^\s*\/?\*+\/?|\*\/\s*$/gm, '')
    .replaceAll(/[ \t]*\n[ \t]*/g, '\n')
    .trim();

const paragraphs = (comment: string): string[] =>
  words(comment)
    .split(/\n{2,}/)
    .map((text) => text.replaceAll('\n', ' ').trim());

const TRAITS: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/\bscx_bpf_dsq_insert_vtime\b/, 'orders queues by a key (virtual time or a deadline)'],
  [/\bSCX_DSQ_GLOBAL\b/, 'uses the kernel’s global queue, first come first served'],
  [/\bscx_bpf_create_dsq\b/, 'makes queues of its own'],
  [/\bSCX_DSQ_LOCAL_ON\b/, 'puts tasks on queues of chosen CPUs'],
  [/\bscx_bpf_dsq_move\b/, 'looks through queues and takes tasks out of their order'],
  [/\bscx_bpf_select_cpu_(?:dfl|and)\b/, 'lets the kernel look for an idle CPU for a woken task'],
  [/\bSCX_KICK_PREEMPT\b|\bpreempt_for\b|\bSCX_ENQ_PREEMPT\b/, 'lets woken tasks interrupt running ones'],
  [/\bkick_idle_cpu\b|\bSCX_KICK_IDLE\b/, 'wakes idle CPUs when it queues a task'],
  [/\bPOLICY_TASK_CONTEXT\b|BPF_MAP_TYPE_TASK_STORAGE/, 'remembers something of each task'],
  [/->scx\.weight\b|\bper_weight\b|\btimes_weight\b/, 'reads weights (nice values)'],
  [/\bbpf_timer_start\b/, 'works on a timer'],
];

/** Takes a policy's source apart. */
export async function anatomyOf(source: string): Promise<Anatomy> {
  const rewritten = rewrite(source);
  const { root } = await parseC(rewritten.text);
  const policy = buildPolicy(source, rewritten, root, undefined);
  const name = /\.name\s*=\s*"(\w+)"/.exec(source)?.[1] ?? 'policy';
  const parts = [...policy.functions.values()].map((fn): Part => {
    const own = fn.name.startsWith(`${name}_`) ? fn.name.slice(name.length + 1) : fn.name;
    const before = source.slice(0, fn.node.start).replace(/[^\n]*$/, '');
    return {
      name: own,
      isCallback: OPS.has(own) && own !== fn.name,
      text: source.slice(fn.node.start, fn.node.end).replaceAll(`${name}_${own}`, own),
      comment: words(/(?<=^|\n)[ \t]*\/\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.exec(before)?.[0] ?? '').replaceAll(
        '\n',
        ' ',
      ),
    };
  });
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  return {
    ...{ name, parts },
    head: paragraphs(/\/\*[\s\S]*?\*\//.exec(source)?.[0] ?? ''),
    traits: TRAITS.filter(([pattern]) => pattern.test(code)).map(([, said]) => said),
  };
}
