import { essentialName } from '../../flavour.js';
import { declaredName, firstFrom, type Syntax } from '../syntax/node.js';
import type { Rewritten } from '../syntax/rewrite.js';
import type { Call, Fn, Parameter } from './policy.js';

function parametersOf(list: Syntax | undefined): Parameter[] {
  return (list?.parts ?? [])
    .filter(({ type }) => type === 'parameter_declaration')
    .map((node) => {
      const declarator = node.child('declarator');
      const stars = declarator?.text.startsWith('*') ? ' *' : '';
      return { name: declaredName(declarator) ?? '', type: `${node.child('type')?.text ?? ''}${stars}` };
    })
    .filter(({ name, type }) => name !== '' || type !== 'void');
}

/** The function declarator in a definition, under the stars of what it returns. */
function functionDeclarator(node: Syntax): Syntax | undefined {
  let at = node.child('declarator');
  while (at !== undefined && at.type !== 'function_declarator') at = at.child('declarator');
  return at;
}

function functionOf(
  node: Syntax,
  aliases: ReadonlyMap<string, string>,
  sectionOf: (declarator: Syntax) => string | undefined,
): Fn | undefined {
  const declarator = functionDeclarator(node);
  const body = node.child('body');
  const given = declaredName(declarator?.child('declarator'));
  if (declarator === undefined || body === undefined || given === undefined) return undefined;
  const list = declarator.child('parameters');
  const section = sectionOf(declarator);
  const macro = /^(?:BPF_\w+|[A-Z]\w*_OPS(?:_SLEEPABLE)?)$/.test(given);
  let params = parametersOf(list);
  let name = given;
  if (macro) {
    const first = list?.parts[0];
    name = first?.text ?? given;
    if (first?.type === 'parameter_declaration') params = params.slice(first.child('declarator') ? 0 : 1);
  }
  const sleepable = given.endsWith('_SLEEPABLE') ? '.s' : '';
  const calls: Call[] = [];
  const fn: Fn = {
    name,
    params,
    body,
    node,
    returns: node.child('type')?.text ?? '',
    section: given.includes('STRUCT_OPS') ? `struct_ops${sleepable}/${name}` : section?.replace(/"/g, ''),
    calls,
  };
  for (const call of body.all('call_expression')) {
    const callee = call.child('function');
    if (callee?.type !== 'identifier') continue;
    const called = aliases.get(callee.text) ?? callee.text;
    calls.push({ name: essentialName(called), args: call.child('arguments')?.parts ?? [], node: call, fn });
  }
  return fn;
}

/** Every function of a source that has a body. */
export function functionsOf(
  root: Syntax,
  rewritten: Rewritten,
  aliases: ReadonlyMap<string, string>,
): Map<string, Fn> {
  const functions = new Map<string, Fn>();
  const { sections } = rewritten;
  let behind = 0;
  /** The last section named between the function before and this one's declarator. */
  const sectionOf = ({ start }: Syntax): string | undefined => {
    const last = sections[firstFrom(sections, start) - 1];
    return last !== undefined && last.start >= behind && last.end <= start ? last.args[0] : undefined;
  };
  for (const node of root.all('function_definition')) {
    const fn = functionOf(node, aliases, sectionOf);
    if (fn !== undefined && !functions.has(fn.name)) functions.set(fn.name, fn);
    behind = node.end;
  }
  return functions;
}

/** Helpers that have a function of the policy's run by itself, later: which argument it is. */
export const CALLBACK_ARGUMENT: ReadonlyMap<string, number> = new Map([
  ['bpf_timer_set_callback', 1],
  ['bpf_wq_set_callback', 1],
  ['bpf_wq_set_callback_impl', 1],
]);

/** The functions that each macro with arguments names. */
export const namesInMacros = (
  functions: ReadonlyMap<string, Fn>,
  macros: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...macros].map(([name, text]) => [
      name,
      [...new Set(text.match(/\w+/g))].filter((word) => functions.has(word)),
    ]),
  );

/** Which functions some may run, by call, by name as an argument (bpf_loop) and through macros. */
export function reached(
  from: ReadonlySet<Fn>,
  functions: ReadonlyMap<string, Fn>,
  macros: ReadonlyMap<string, readonly string[]>,
): Set<Fn> {
  const seen = new Set<Fn>(from);
  const queue = [...from];
  const open = new Set<string>();
  const visit = (name: string): void => {
    const next = functions.get(name);
    if (next === undefined || seen.has(next)) return;
    seen.add(next);
    queue.push(next);
  };
  for (let fn = queue.pop(); fn !== undefined; fn = queue.pop()) {
    for (const { name, args } of fn.calls) {
      visit(name);
      // What a timer or a work queue is given runs on its own.
      if (!CALLBACK_ARGUMENT.has(name)) for (const arg of args) visit(arg.text.replace(/^&/, ''));
      if (open.has(name)) continue;
      open.add(name);
      for (const word of macros.get(name) ?? []) visit(word);
    }
  }
  return seen;
}
