import type { Readable, Writable } from 'node:stream';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import { withNamesMeant } from '../names.js';
import { calledAs } from '../tools/index.js';
import { CODE } from './refuse.js';

/** A line has at most so many bytes; a client that sends more has lost its way, and the connection ends. */
const LINE_LIMIT = 4 * 1024 * 1024;
/** The one revision in which a line may be a batch. */
const BATCHES = '2025-03-26';
const BATCH_LIMIT = 100;

type Id = string | number;
type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** MCP: a string or an integer, never null. */
const isId = (value: unknown): value is Id => typeof value === 'string' || Number.isSafeInteger(value);

const failure = (code: number, message: string, id: Id | null) => ({
  jsonrpc: '2.0',
  id,
  error: { code, message },
});

/** What is wrong with a message as JSON-RPC, or null. */
function wrongWith(message: unknown): string | null {
  if (!isFields(message)) return 'a message is an object';
  if (message.jsonrpc !== '2.0') return 'jsonrpc is not "2.0"';
  const isResponse = 'result' in message || 'error' in message;
  if (isResponse && 'method' in message) return 'a message has a method or a result, not both';
  if (!isResponse && typeof message.method !== 'string') return 'method is no string';
  if (!isResponse && 'params' in message && !isFields(message.params)) return 'params is no object';
  if ('id' in message || isResponse) return isId(message.id) ? null : 'id is neither a string nor an integer';
  return null;
}

/** Requests of one batch that wait for their answers, which go back together. */
interface Batch {
  readonly waiting: Set<Id>;
  readonly answers: unknown[];
}

/**
 * Standard input and output, a line a message, as JSON-RPC wants it answered: what is no JSON (-32700), what is no
 * message (-32600), and batches in the revision that has them. (The SDK's own passes over all three in silence.)
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  private rest: Buffer[] = [];
  private size = 0;
  private closed = false;
  private version: string | undefined;
  private readonly batches = new Set<Batch>();

  constructor(
    private readonly input: Readable = process.stdin,
    private readonly output: Writable = process.stdout,
  ) {}

  async start(): Promise<void> {
    this.input
      .on('data', this.onData)
      .on('end', this.onEnd)
      .on('close', this.onEnd)
      .on('error', this.onFault);
    this.output.on('error', this.onFault);
    if (this.input.readableEnded || this.input.destroyed) setImmediate(this.onEnd);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.input
      .off('data', this.onData)
      .off('end', this.onEnd)
      .off('close', this.onEnd)
      .off('error', this.onFault);
    this.input.pause();
    this.rest = [];
    this.onclose?.();
  }

  send(message: JSONRPCMessage): Promise<void> {
    const { id, result } = message as Fields;
    const version = isFields(result) ? result.protocolVersion : undefined;
    if (typeof version === 'string') this.version = version;
    const batch = isId(id) && !('method' in message) ? this.batchOf(id) : undefined;
    if (!batch) return this.write(message);
    batch.answers.push(message);
    return this.settle(batch, id as Id);
  }

  private readonly onData = (chunk: Buffer): void => {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; from = end + 1, end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...this.rest, chunk.subarray(from, end)]).toString('utf8');
      this.rest = [];
      this.size = 0;
      this.take(line);
    }
    const left = chunk.subarray(from);
    this.size += left.length;
    if (this.size > LINE_LIMIT) {
      this.onerror?.(new Error(`a line is longer than ${LINE_LIMIT} bytes`));
      void this.close();
      return;
    }
    if (left.length > 0) this.rest.push(left);
  };

  private readonly onEnd = (): void => void this.close();

  private readonly onFault = (error: Error): void => {
    if (this.closed) return;
    this.onerror?.(error);
    void this.close();
  };

  private take(line: string): void {
    if (line.trim() === '') return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      this.reply(failure(CODE.parse, 'the line is no JSON', null));
      return;
    }
    if (Array.isArray(message)) this.takeBatch(message);
    else this.deliver(message);
  }

  /** Hands a message on, or says what is wrong with it. @param batch the one it came in */
  private deliver(message: unknown, batch?: Batch): void {
    const wrong = wrongWith(message);
    if (wrong !== null) {
      const id = isFields(message) && isId(message.id) ? message.id : null;
      const answer = failure(CODE.invalid, wrong, id);
      if (batch) batch.answers.push(answer);
      else this.reply(answer);
      return;
    }
    const { id, method, params } = message as Fields;
    if (batch && method !== undefined && isId(id)) batch.waiting.add(id);
    // What was cancelled is not answered.
    const cancelled = method === 'notifications/cancelled' && isFields(params) ? params.requestId : undefined;
    const waits = isId(cancelled) ? this.batchOf(cancelled) : undefined;
    this.onmessage?.(withNamesMeant(message as JSONRPCMessage, calledAs));
    if (waits) this.settle(waits, cancelled as Id).catch(() => {});
  }

  private takeBatch(messages: readonly unknown[]): void {
    const refusal =
      this.version !== BATCHES
        ? `protocol ${this.version ?? 'versions'} has no batches at this point: one message a line`
        : messages.length === 0 || messages.length > BATCH_LIMIT
          ? `a batch has 1 to ${BATCH_LIMIT} messages`
          : null;
    if (refusal !== null) {
      this.reply(failure(CODE.invalid, refusal, null));
      return;
    }
    const batch: Batch = { waiting: new Set(), answers: [] };
    this.batches.add(batch);
    for (const message of messages) this.deliver(message, batch);
    this.settle(batch).catch(() => {});
  }

  private readonly batchOf = (id: Id): Batch | undefined =>
    [...this.batches].find(({ waiting }) => waiting.has(id));

  /** Sends a batch's answers once there are all of them; one of notifications alone has none. */
  private async settle(batch: Batch, id?: Id): Promise<void> {
    if (id !== undefined) batch.waiting.delete(id);
    if (batch.waiting.size > 0 || !this.batches.delete(batch)) return;
    if (batch.answers.length > 0) await this.write(batch.answers);
  }

  /** An answer of the transport's own; a client that is gone misses nothing. */
  private reply(message: unknown): void {
    this.write(message).catch(() => {});
  }

  private write(message: unknown): Promise<void> {
    if (this.closed) return Promise.reject(new Error('the connection is closed'));
    return new Promise((resolve, reject) => {
      this.output.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }
}
