import { listedName } from './names.js';
import { annotationsOf } from './register.js';
import { plainSchema } from './schema.js';
import type { Tool } from './tool.js';
import { TOOLS } from './tools/index.js';

type Schema = {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly items?: Schema;
  readonly pattern?: string;
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  return String(schema.type ?? 'any');
}

function limits({ minimum, maximum, default: usual }: Schema): string {
  const parts = [
    minimum !== undefined && maximum !== undefined ? `${minimum} to ${maximum}` : '',
    usual !== undefined ? `default ${JSON.stringify(usual)}` : '',
  ];
  return parts.filter(Boolean).join('; ');
}

function fields(schema: Schema, io: 'input' | 'output'): string[] {
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const needed = io === 'input' && schema.required?.includes(name) ? ' (required)' : '';
    const said = [limits(field), field.description ?? ''].filter(Boolean).join('; ');
    return `| \`${name}\`${needed} | ${cell(typeOf(field))} | ${cell(said)} |`;
  });
  return rows.length === 0 ? ['none'] : ['| field | type | meaning |', '| --- | --- | --- |', ...rows];
}

function section(tool: Tool): string[] {
  const { readOnlyHint, destructiveHint } = annotationsOf(tool);
  const kind = readOnlyHint
    ? 'changes nothing'
    : destructiveHint
      ? 'makes a change last'
      : 'can be taken back';
  return [
    `### \`${listedName(tool.name)}\``,
    '',
    `${tool.description} (${tool.effect}; ${kind}; to rules \`${tool.name}\`)`,
    '',
    'Takes:',
    '',
    ...fields(plainSchema(tool.input, 'input') as Schema, 'input'),
    '',
    'Gives:',
    '',
    ...fields(plainSchema(tool.output, 'output') as Schema, 'output'),
    '',
  ];
}

/** The part of docs/mcp.md that lists the tools: `tunesmith mcp docs`. */
export const toolDocs = (): string => TOOLS.flatMap(section).join('\n').trimEnd();
