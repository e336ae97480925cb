import { declaredName, firstFrom, type Syntax } from '../syntax/node.js';
import type { Macro, Rewritten } from '../syntax/rewrite.js';
import { Constants } from './constants.js';
import { CALLBACK_ARGUMENT, functionsOf, namesInMacros, reached } from './functions.js';
import { OPS } from './known.js';
import { perNode } from './memo.js';
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
    restsOnTunable: perNode((node: Syntax) => node.has(['identifier'], ({ text }) => tunables.has(text))),
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
export function functionName(value: Syntax): string {
  let text = value.text.trimEnd();
  while (text.endsWith(')')) text = text.slice(0, -1).trimEnd();
  let from = text.length;
  while (from > 0 && /\w/.test(text[from - 1] as string)) from--;
  const name = text.slice(from);
  return /^[A-Za-z_]/.test(name) ? name : '';
}

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

/** Members of a table that no kernel has count as one. */
const NO_OP = 'unknown';

function opsOfFunctions(
  tables: readonly OpsTable[],
  functions: ReadonlyMap<string, Fn>,
  macros: ReadonlyMap<string, string>,
): Map<Fn, Set<string>> {
  const roots = new Map<string, Set<Fn>>();
  const begin = (op: string, fn: Fn | undefined): void => {
    if (fn === undefined) return;
    if (!roots.has(op)) roots.set(op, new Set());
    roots.get(op)?.add(fn);
  };
  for (const { fields } of tables)
    for (const [op, value] of fields) begin(OPS.has(op) ? op : NO_OP, functions.get(functionName(value)));
  for (const fn of functions.values()) {
    if (fn.section !== undefined && !fn.section.startsWith('struct_ops')) begin('other', fn);
    for (const { name, args } of fn.calls) {
      const at = CALLBACK_ARGUMENT.get(name);
      if (at === undefined) continue;
      begin(
        name === 'bpf_timer_set_callback' ? 'timer' : 'other',
        functions.get(args[at]?.text.replace(/^&/, '') ?? ''),
      );
    }
  }
  const named = namesInMacros(functions, macros);
  const found = new Map<Fn, Set<string>>();
  for (const [op, fns] of roots)
    for (const fn of reached(fns, functions, named)) {
      if (!found.has(fn)) found.set(fn, new Set());
      found.get(fn)?.add(op);
    }
  return found;
}

function mapsOf(root: Syntax, { sections, mapFields }: Rewritten): Map<string, MapInfo> {
  const maps = new Map<string, MapInfo>();
  const lists = new Map(
    root.all('field_declaration_list').map((list) => [list.parent?.parent ?? list, list] as const),
  );
  for (const node of root.all('declaration')) {
    const inside = lists.get(node);
    const name = declaredName(node.child('declarator'));
    if (inside === undefined || name === undefined) continue;
    const own: Macro[] = [];
    for (let i = firstFrom(mapFields, inside.start + 1); i < mapFields.length; i++) {
      const field = mapFields[i] as Macro;
      if (field.start >= inside.end) break;
      if (field.end < inside.end) own.push(field);
    }
    const section = sections[firstFrom(sections, inside.end)];
    const isMap = section !== undefined && section.args[0] === '".maps"' && section.start <= node.end;
    if (own.length === 0 && !isMap) continue;
    const fields = new Map(own.map(({ args }) => [args[0] ?? '', args[1] ?? '']));
    maps.set(name, { name, type: fields.get('type') ?? '', fields });
  }
  return maps;
}
