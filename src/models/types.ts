import type { z } from 'zod';

/** One turn of a conversation. */
export interface Message {
  readonly role: 'user' | 'model';
  readonly text: string;
}

/** Tokens of one call as the provider counted them. */
export interface Usage {
  readonly inputTokens: number;
  /** Thoughts included: they are billed as output. */
  readonly outputTokens: number;
  readonly thoughtTokens: number;
  /** Of the input, what the provider had in its cache. */
  readonly cachedTokens: number;
  /** The provider gave no count: four characters were taken for a token. */
  readonly estimated: boolean;
}

/** What a model is asked. The reply has to be one JSON value that `schema` accepts. */
export interface ModelRequest<T> {
  readonly system: string;
  /** Oldest first; the last is the user's. */
  readonly messages: readonly Message[];
  readonly schema: z.ZodType<T>;
  /**
   * The most tokens the answer alone takes, where that is known: the limit of a reply by a model that does not think,
   * unless the configuration says another.
   */
  readonly answerTokens?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What came back, whether or not it fits the schema. */
export interface ModelReply<T> {
  /** Undefined when `problem` says why. */
  readonly value: T | undefined;
  /** Why the text is no value of the schema, in words the model can be told; null when it is one. */
  readonly problem: string | null;
  readonly text: string;
  readonly usage: Usage;
  /** From the first attempt to the whole reply, pauses between attempts included, ms. Replayed from a tape. */
  readonly latencyMs: number;
  /** As the provider names what answered. */
  readonly model: string;
  /** At the dated list price; null when none is known. */
  readonly usd: number | null;
}

/** An LLM behind one call. */
export interface Model {
  /** `provider:model`, as it is asked for. */
  readonly name: string;
  /** @throws ModelError when no reply can be had: key, model, network, time, budget */
  ask<T>(request: ModelRequest<T>): Promise<ModelReply<T>>;
}

/**
 * How a server is told of the reply's form: the whole JSON Schema, the part of it that every strict provider takes, that
 * it be JSON, or nothing; with the last two the schema stands in the prompt.
 */
export type Form = 'schema' | 'subset' | 'object' | 'none';

/** A request as it goes over the wire: the same for every provider. */
export interface WireRequest {
  readonly system: string;
  readonly messages: readonly Message[];
  /** JSON Schema of the reply. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly form: Form;
  /** The most tokens a reply may have, thoughts included. */
  readonly maxOutputTokens: number;
}

/** How a reply ended where it did not simply end, in words the model can be told. */
export interface Ending {
  readonly kind: 'cut' | 'refused' | 'tool';
  readonly words: string;
}

export interface WireReply {
  readonly text: string;
  /** Null when the provider does not count, or what it counted is no count. */
  readonly usage: Usage | null;
  readonly model: string;
  readonly ending?: Ending | undefined;
  /** The model thought before it answered. */
  readonly thought?: boolean | undefined;
}

/** One attempt at one provider. */
export type Send = (request: WireRequest, signal: AbortSignal) => Promise<WireReply>;
