/** A C example of a document, and what stands over it. */
export interface Example {
  /** The nearest heading before it. */
  readonly heading: string;
  /** The last line of text before it: `Found:`, `Not found:`. */
  readonly label: string;
  readonly line: number;
  readonly source: string;
}

/** Every fenced block of C in a Markdown text. */
export function examplesIn(markdown: string): Example[] {
  const found: Example[] = [];
  let [heading, label, from] = ['', '', -1];
  const lines = markdown.split('\n');
  for (const [i, line] of lines.entries()) {
    if (from >= 0) {
      if (line.trim() !== '```') continue;
      const source = lines.slice(from, i).join('\n');
      found.push({ heading, label, line: from + 1, source });
      from = -1;
    } else if (line.trim() === '```c') from = i + 1;
    else if (line.startsWith('#')) heading = line.replace(/^#+ /, '').replace(/`/g, '');
    else if (line.trim() !== '') label = line;
  }
  return found;
}

const CALLBACK = /\bBPF_STRUCT_OPS(?:_SLEEPABLE)?\(\s*x_(\w+)/g;

/**
 * A whole policy of an example, by the convention of docs/policies.md: the header, a licence and a table of the callbacks it
 * defines are added where it has none, and nothing else.
 */
export function completed(source: string): string {
  const callbacks = [...source.matchAll(CALLBACK)].map(([, op]) => `.${op} = (void *)x_${op}, `);
  return [
    ...(source.includes('#include') ? [] : ['#include "policy.bpf.h"']),
    ...(source.includes('SEC("license")') ? [] : ['char LICENSE[] SEC("license") = "Dual MIT/GPL";']),
    source,
    ...(/\bSCX_OPS_DEFINE\b|\bstruct sched_ext_ops\b/.test(source)
      ? []
      : [`SCX_OPS_DEFINE(x_ops, ${callbacks.join('')}.name = "x");`]),
    '',
  ].join('\n');
}
