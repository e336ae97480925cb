import { declaredName, type Syntax } from '../syntax/node.js';
import type { Rewritten } from '../syntax/rewrite.js';
import { Constants } from './constants.js';
import { functionsOf, reached } from './functions.js';
import type { Fn, MapInfo, OpsTable, Policy } from './policy.js';

/** Reads a policy out of its tree. */
export function buildPolicy(
  source: string,
  rewritten: Rewritten,
  root: Syntax,
  kfuncs: ReadonlySet<string> | undefined,
): Policy {
  const functions = functionsOf(root, rewritten, aliasesOf(root));
  const macros = new Map(
    root
      .all('preproc_function_def')
      .map((node) => [node.child('name')?.text ?? '', node.child('value')?.text ?? '']),
  );
  const tables = tablesOf(root);
  const opsByFn = opsOfFunctions(tables, functions, macros);
  const calls = [...functions.values()].flatMap((fn) => fn.calls);
  const outer = root.all('declaration').filter((node) => ![...node.above()].some(isBody));
  const globals = new Set<string>();
  const tunables = new Set<string>();
  const declared = new Set<string>();
  for (const node of outer) {
    const isTunable = /\bconst\b/.test(head(node)) && /\bvolatile\b/.test(head(node));
    for (const item of node.children.filter(({ field }) => field === 'declarator')) {
      const name = declaredName(item);
      if (name === undefined) continue;
      (item.type === 'function_declarator' ? declared : globals).add(name);
      if (isTunable) tunables.add(name);
    }
  }
  const nowhere: ReadonlySet<string> = new Set();
  return {
    source,
    rewritten,
    root,
    constants: new Constants(root),
    functions,
    calls,
    tables,
    maps: mapsOf(root, rewritten),
    tunables,
    globals,
    macros,
    declarations: rewritten.declarations,
    declared,
    includes: root.all('preproc_include').map((node) => (node.child('path')?.text ?? '').slice(1, -1)),
    kfuncs,
    opsOf: (fn) => opsByFn.get(fn) ?? nowhere,
    op: (name) => {
      const value = tables[0]?.fields.get(name);
      return value === undefined ? undefined : functions.get(functionName(value));
    },
    callsTo: (...names) => calls.filter(({ name }) => names.includes(name)),
  };
}

/** Names that a #define gives to another name. */
const aliasesOf = (root: Syntax): Map<string, string> =>
  new Map(
    root.all('preproc_def').flatMap((node) => {
      const value = node.child('value')?.text.trim() ?? '';
      return /^[A-Za-z_]\w*$/.test(value) ? [[node.child('name')?.text ?? '', value] as const] : [];
    }),
  );

const isBody = ({ type }: Syntax): boolean => type === 'compound_statement';
const head = (node: Syntax): string =>
  node.tree.source.slice(node.start, (node.child('declarator') ?? node).start + 1);

/** The function named by an initial value such as `(void *)fifo_enqueue`. */
export const functionName = (value: Syntax): string => /([A-Za-z_]\w*)\s*\)*$/.exec(value.text)?.[1] ?? '';

function tablesOf(root: Syntax): OpsTable[] {
  return root.all('declaration').flatMap((node) => {
    if (!/^struct\s+(?:sched_ext_ops|ops)\b/.test(node.child('type')?.text ?? '')) return [];
    const init = node.children.find(({ type }) => type === 'init_declarator');
    const values = init?.child('value');
    if (values?.type !== 'initializer_list') return [];
    const fields = new Map<string, Syntax>();
    for (const pair of values.parts.filter(({ type }) => type === 'initializer_pair')) {
      const value = pair.child('value');
      if (value) fields.set((pair.child('designator')?.text ?? '').replace(/^\./, ''), value);
    }
    return [{ name: declaredName(init) ?? '', node, fields }];
  });
}

function opsOfFunctions(
  tables: readonly OpsTable[],
  functions: ReadonlyMap<string, Fn>,
  macros: ReadonlyMap<string, string>,
): Map<Fn, Set<string>> {
  const found = new Map<Fn, Set<string>>();
  const mark = (fn: Fn, op: string): void => {
    for (const one of reached(fn, functions, macros)) {
      if (!found.has(one)) found.set(one, new Set());
      found.get(one)?.add(op);
    }
  };
  for (const { fields } of tables)
    for (const [op, value] of fields) {
      const fn = functions.get(functionName(value));
      if (fn !== undefined) mark(fn, op);
    }
  for (const fn of functions.values()) {
    if (fn.section !== undefined && !fn.section.startsWith('struct_ops')) mark(fn, 'other');
    for (const { args } of fn.calls.filter(({ name }) => name === 'bpf_timer_set_callback')) {
      const callback = functions.get(args[1]?.text ?? '');
      if (callback !== undefined) mark(callback, 'other');
    }
  }
  return found;
}

function mapsOf(root: Syntax, { sections, mapFields }: Rewritten): Map<string, MapInfo> {
  const maps = new Map<string, MapInfo>();
  const lists = root.all('field_declaration_list');
  for (const node of root.all('declaration')) {
    const inside = lists.find((list) => list.isWithin(node) && list.parent?.parent === node);
    const name = declaredName(node.child('declarator'));
    if (inside === undefined || name === undefined) continue;
    const own = mapFields.filter(({ start, end }) => inside.start < start && end < inside.end);
    const isMap = sections.some(
      ({ args, start }) => args[0] === '".maps"' && inside.end <= start && start <= node.end,
    );
    if (own.length === 0 && !isMap) continue;
    const fields = new Map(own.map(({ args }) => [args[0] ?? '', args[1] ?? '']));
    maps.set(name, { name, type: fields.get('type') ?? '', fields });
  }
  return maps;
}
