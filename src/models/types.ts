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

/** A request as it goes over the wire: the same for every provider. */
export interface WireRequest {
  readonly system: string;
  readonly messages: readonly Message[];
  /** JSON Schema of the reply. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface WireReply {
  readonly text: string;
  /** Null when the provider does not count. */
  readonly usage: Usage | null;
  readonly model: string;
}

/** One attempt at one provider. */
export type Send = (request: WireRequest, signal: AbortSignal) => Promise<WireReply>;
