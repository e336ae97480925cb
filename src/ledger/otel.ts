import type { LedgerRecord } from './record.js';

/** Severity numbers of OpenTelemetry's log data model: INFO, WARN. */
const SEVERITY = { info: 9, warn: 13 } as const;
const REFUSALS = new Set(['deny', 'denied', 'breach', 'rejected', 'failed', 'expired']);

type AnyValue =
  | { stringValue: string }
  | { intValue: string }
  | { doubleValue: number }
  | { boolValue: boolean }
  | { arrayValue: { values: AnyValue[] } }
  | { kvlistValue: { values: KeyValue[] } };
interface KeyValue {
  key: string;
  value: AnyValue;
}

/**
 * Records as one OTLP/JSON `ExportLogsServiceRequest` (OpenTelemetry protocol, JSON encoding): a collector's OTLP/HTTP
 * receiver takes it at /v1/logs as it is.
 */
export const otlpLogs = (records: readonly LedgerRecord[]): object => ({
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'tunesmith' } }] },
      scopeLogs: [{ scope: { name: 'tunesmith.ledger' }, logRecords: records.map(logRecord) }],
    },
  ],
});

function logRecord(record: LedgerRecord): object {
  const { at, kind, decision, reasons = [], ...rest } = record;
  const severity = decision !== undefined && REFUSALS.has(decision) ? 'warn' : 'info';
  const nanos = `${BigInt(Date.parse(at)) * 1_000_000n}`;
  return {
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    severityNumber: SEVERITY[severity],
    severityText: severity.toUpperCase(),
    eventName: `tunesmith.${kind}`,
    body: { stringValue: [kind, decision, ...reasons].filter(Boolean).join(': ') },
    attributes: [
      ...attributes({ decision, ...rest }),
      ...(reasons.length > 0 ? [{ key: 'tunesmith.reasons', value: anyValue(reasons) }] : []),
    ],
  };
}

const attributes = (fields: object): KeyValue[] =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key: `tunesmith.${key}`, value: anyValue(value) }));

function anyValue(value: unknown): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (value === null || value === undefined) return { stringValue: '' };
  return {
    kvlistValue: { values: Object.entries(value).map(([key, inner]) => ({ key, value: anyValue(inner) })) },
  };
}
