import { closeSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Mailbox } from '../../src/lab/mailbox.js';

/** The guest's side of the page, through a descriptor of its own, as native/agent/mailbox.h lays it out. */
function pair() {
  const host = new Mailbox(9);
  const fd = openSync(`/proc/self/fd/${host.fd}`, 'r+');
  onTestFinished(() => {
    closeSync(fd);
    host.close();
  });
  const put = (at: number, bytes: Buffer) => writeSync(fd, bytes, 0, bytes.length, at);
  const number = (at: number, value: number | bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    put(at, typeof value === 'bigint' ? bytes : bytes.subarray(0, 4));
  };
  const request = (): unknown => {
    const length = Buffer.alloc(4);
    readSync(fd, length, 0, 4, 24);
    const body = Buffer.alloc(length.readUInt32LE());
    readSync(fd, body, 0, body.length, 4096);
    return JSON.parse(body.toString());
  };
  const reply = (text: string) => {
    put(4 * 1024 * 1024, Buffer.from(text));
    number(28, Buffer.byteLength(text));
  };
  return { host, number, put, request, reply };
}

describe('the mailbox', () => {
  it('brings requests to the guest and replies back, each whole', () => {
    const { host, request, reply } = pair();
    for (const body of [{ op: 'measure', knobs: [] }, { op: 'µ' }, { op: 'x'.repeat(4_000_000) }, {}]) {
      host.writeRequest(body);
      expect(request()).toEqual(body);
      reply(JSON.stringify({ ok: true, echo: body }));
      expect(host.readReply()).toEqual({ ok: true, echo: body });
    }
  });

  it('has no phase before the agent has come, and then the agent’s, with its clock', () => {
    const { host, number } = pair();
    expect(host.phase()).toBe(0);
    number(8, 5n);
    expect(host.phase()).toBe(0);
    number(0, 0x424d5354);
    number(16, 2n ** 63n + 1n);
    expect([host.phase(), host.tsc()]).toEqual([5, '9223372036854775809']);
  });

  it('hands over what was exported, byte for byte', () => {
    const { host, number, put } = pair();
    const bytes = Buffer.from([0, 255, 10, 0, 7]);
    put(8 * 1024 * 1024, bytes);
    number(32, 5n);
    expect(host.readExport()).toEqual(bytes);
  });

  it('does not trust the guest’s lengths or words', () => {
    const { host, number, reply } = pair();
    reply('{"ok":tru');
    expect(() => host.readReply()).toThrow(/the guest’s reply is not JSON/);
    number(28, 0xffffffff);
    expect(() => host.readReply()).toThrow(/impossible length/);
    number(32, 2n ** 60n);
    expect(() => host.readExport()).toThrow(/impossible length/);
  });

  it('refuses a request that would run into the reply', () => {
    expect(() => pair().host.writeRequest({ text: 'x'.repeat(4_300_000) })).toThrow(/too long/);
  });

  it('has no name, so nothing is left when the process dies', () => {
    const before = readdirSync('/dev/shm');
    pair();
    expect(readdirSync('/dev/shm').filter((name) => !before.includes(name))).toEqual([]);
  });
});
