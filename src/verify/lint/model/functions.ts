import { essentialName } from '../../flavour.js';
import { declaredName, type Syntax } from '../syntax/node.js';
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
  rewritten: Rewritten,
  aliases: ReadonlyMap<string, string>,
  behind: number,
): Fn | undefined {
  const declarator = functionDeclarator(node);
  const body = node.child('body');
  const given = declaredName(declarator?.child('declarator'));
  if (declarator === undefined || body === undefined || given === undefined) return undefined;
  const list = declarator.child('parameters');
  const section = rewritten.sections.findLast(({ start, end }) => start >= behind && end <= declarator.start)
    ?.args[0];
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
  let behind = 0;
  for (const node of root.all('function_definition')) {
    const fn = functionOf(node, rewritten, aliases, behind);
    if (fn !== undefined && !functions.has(fn.name)) functions.set(fn.name, fn);
    behind = node.end;
  }
  return functions;
}

/** Which functions each one may run, by call, by name as an argument (timers, bpf_loop) and through macros. */
export function reached(
  from: Fn,
  functions: ReadonlyMap<string, Fn>,
  macros: ReadonlyMap<string, string>,
): Set<Fn> {
  const seen = new Set<Fn>([from]);
  const queue = [from];
  const visit = (name: string): void => {
    const next = functions.get(name);
    if (next === undefined || seen.has(next)) return;
    seen.add(next);
    queue.push(next);
  };
  for (let fn = queue.pop(); fn !== undefined; fn = queue.pop()) {
    for (const { name, args } of fn.calls) {
      visit(name);
      // A timer's function runs on its own.
      if (name !== 'bpf_timer_set_callback') for (const arg of args) visit(arg.text.replace(/^&/, ''));
      for (const word of macros.get(name)?.match(/\w+/g) ?? []) visit(word);
    }
  }
  return seen;
}
