import type { Argument, Command, Option } from 'commander';
import { COMMANDS } from './catalogue.js';

/** A cell of a Markdown table. */
const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('\n', ' ').replace(/</g, '&lt;');

function optionLine({ flags, description, defaultValue, argChoices, mandatory }: Option): string {
  const more = [
    ...(argChoices ? [argChoices.join(', ')] : []),
    ...(mandatory ? ['required'] : []),
    ...(typeof defaultValue === 'string' ? [`default ${defaultValue}`] : []),
  ];
  const names = flags.replaceAll('|', '\\|');
  return `| \`${names}\` | ${cell(description)}${more.length > 0 ? ` (${cell(more.join('; '))})` : ''} |`;
}

const argumentLine = ({ description, argChoices, variadic }: Argument, name: string): string =>
  `| ${name}${variadic ? '…' : ''} | ${cell(description)}${argChoices ? ` (${argChoices.join(', ')})` : ''} |`;

function section(command: Command, path: string): string[] {
  const { registeredArguments: args, options, commands } = command;
  const usage = args.map((argument) => {
    const name = argument.name();
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const rows = [
    ...args.map((argument, i) => argumentLine(argument, `\`${usage[i]}\``)),
    ...options.filter(({ hidden }) => !hidden).map(optionLine),
  ];
  return [
    ['### `', [path, ...usage].join(' '), '`'].join(''),
    '',
    `${command.description()}.`,
    ...(rows.length > 0 ? ['', '| | |', '|---|---|', ...rows] : []),
    '',
    ...commands.flatMap((one) => section(one, `${path} ${one.name()}`)),
  ];
}

/** Every command with every argument and option, as docs/cli.md has them. */
export async function contract(): Promise<string> {
  const all = await Promise.all(
    Object.entries(COMMANDS).map(async ([name, { about, load }]) =>
      section((await load()).description(about), `tunesmith ${name}`),
    ),
  );
  return all.flat().join('\n').trimEnd();
}
