import { plain } from '../../tuners/llm/fence.js';
import { genesSource } from '../genes/candidate.js';
import { stockPolicies } from '../stock.js';
import type { ArchiveView, Candidate } from '../types.js';
import { PREFIX } from './template.js';

/** Of a source. */
const MOST_SOURCE = 7000;

/**
 * What policies are called in a prompt: those of the repository by their names, others by who proposed them and in which
 * order, so that a model can tell them apart and say what it built on.
 */
export class Names {
  private readonly ids = new Map<string, string>();
  private readonly names = new Map<string, string>();

  constructor({ tried }: Pick<ArchiveView, 'tried'>) {
    for (const { name, candidate } of stockPolicies()) this.add(candidate.id, name);
    const counts = { genes: 0, model: 0, repository: 0 };
    for (const { candidate } of tried)
      if (!this.names.has(candidate.id)) this.add(candidate.id, `${candidate.by}-${++counts[candidate.by]}`);
  }

  of({ id }: Pick<Candidate, 'id'>): string {
    return this.names.get(id) ?? id;
  }

  /** The id that a name, or an id, stands for; undefined for what there is not. */
  idOf(name: string): string | undefined {
    return this.ids.get(name) ?? (this.names.has(name) ? name : undefined);
  }

  private add(id: string, name: string): void {
    this.names.set(id, name);
    this.ids.set(name, id);
  }
}

/**
 * A policy as a reply would have it: callbacks under our prefix, tunables as data above them, without what is ours in its
 * source; of one made of genes, which is long, what was chosen.
 */
export function bodyOf({ by, source, tunables, words }: Candidate): string {
  const chosen = Object.entries(tunables).map(([name, value]) => `${name}=${value}`);
  const isGenes = by === 'genes' || source === genesSource();
  if (isGenes) return `${plain(words, 400)}; ${chosen.join(', ')}`;
  const own = /SCX_OPS_DEFINE\(\s*(\w+?)_ops\b/.exec(source)?.[1];
  const body = source
    .replace(/^[\s\S]*?LICENSE\[\][^\n]*\n/, '')
    .replace(/\n(?:POLICY_EXIT|POLICY_HOTPLUG_IGNORED|SCX_OPS_DEFINE)\([\s\S]*$/, '\n');
  const declared: string[] = [];
  const bare = body.replaceAll(
    /(?:\/\*(?:(?!\*\/)[\s\S])*\*\/\s*\n)?const volatile (\w+) (\w+) = ([^;]+);\n+/g,
    (_, type: string, name: string, value: string) => {
      declared.push(`${name} (${type}) ${tunables[name] ?? value}`);
      return '';
    },
  );
  const renamed =
    own === undefined ? bare : bare.replaceAll(new RegExp(`\\b${own}_(?=\\w)`, 'g'), `${PREFIX}_`);
  const text = renamed.trim();
  const cut = text.length > MOST_SOURCE ? `${text.slice(0, MOST_SOURCE)}\n/* cut */` : text;
  const set = declared.length > 0 ? `/* tunables: ${declared.join(', ')} */\n` : '';
  return `${set}${cut.replaceAll(/<\/?data/g, '<')}`;
}
