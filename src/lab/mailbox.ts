import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { MachineFailed, TunesmithError } from '../errors.js';
import { SLICE } from '../state/hash.js';

// Byte layout shared with native/agent/mailbox.h.
const MAGIC = 0x424d5354;
const REQUEST_AT = 4096;
const REPLY_AT = 4 * 1024 * 1024;
const BULK_AT = 8 * 1024 * 1024;
const O_TMPFILE_RDWR = 0o20200000 | 2;

/**
 * The page host and guest share: a nameless file in /dev/shm that QEMU maps as an ivshmem device. Nameless, so
 * that nothing is left when this process dies. Written only while the guest is frozen at a gate, or waits (live).
 */
export class Mailbox {
  readonly fd: number;
  readonly bytes: number;
  private isClosed = false;

  constructor(mib: number) {
    this.bytes = mib * 1024 * 1024;
    this.fd = openSync('/dev/shm', O_TMPFILE_RDWR, 0o600);
    ftruncateSync(this.fd, this.bytes);
  }

  /** The handshake counter of native/agent/gate.h; 0 until the agent has mapped the page. */
  phase(): number {
    const header = this.read(0, 16);
    return header.readUInt32LE(0) === MAGIC ? Number(header.readBigUInt64LE(8)) : 0;
  }

  /** Guest TSC when the phase last changed: equal for equal histories. */
  tsc(): string {
    return this.read(16, 8).readBigUInt64LE(0).toString();
  }

  writeRequest(request: object): void {
    const body = Buffer.from(JSON.stringify(request));
    if (body.length > REPLY_AT - REQUEST_AT)
      throw new TunesmithError('internal', 'a lab request is too long');
    writeSync(this.fd, body, 0, body.length, REQUEST_AT);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(body.length);
    writeSync(this.fd, length, 0, 4, 24);
  }

  /** Tells a live guest that its `round`th request is there (a frozen one learns it by its gates). */
  post(round: number): void {
    const count = Buffer.alloc(8);
    count.writeBigUInt64LE(BigInt(round));
    writeSync(this.fd, count, 0, 8, 40);
  }

  /** Fills the bulk area for a request that says how many bytes of it count. */
  writeBulk(bytes: Buffer): void {
    if (bytes.length > this.bytes - BULK_AT)
      throw new TunesmithError('internal', 'more bytes than a lab mailbox holds');
    writeSync(this.fd, bytes, 0, bytes.length, BULK_AT);
  }

  /** The agent's last reply. @throws TunesmithError (guest) when it is not JSON: the guest's memory is broken. */
  readReply(): unknown {
    const length = this.read(28, 4).readUInt32LE(0);
    if (length > BULK_AT - REPLY_AT)
      throw new TunesmithError('guest', 'the guest’s reply has an impossible length');
    try {
      return JSON.parse(this.read(REPLY_AT, length).toString('utf8'));
    } catch (cause) {
      throw new TunesmithError('guest', 'the guest’s reply is not JSON', { cause });
    }
  }

  /** What an `export` or `exec` request left in the bulk area. */
  readExport(): Buffer {
    return this.read(BULK_AT, this.exported());
  }

  /**
   * The same, slice by slice: a database has some hundred MB.
   * @throws MachineFailed when the machine ends meanwhile
   */
  async readBulk(): Promise<Buffer> {
    const length = this.exported();
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < length; at += SLICE) {
      // The descriptor's number may be another file's by now.
      if (this.isClosed) throw new MachineFailed('the lab guest ended while its export was read');
      readSync(this.fd, bytes, at, Math.min(SLICE, length - at), BULK_AT + at);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return bytes;
  }

  close(): void {
    this.isClosed = true;
    closeSync(this.fd);
  }

  private exported(): number {
    const length = Number(this.read(32, 8).readBigUInt64LE(0));
    if (length > this.bytes - BULK_AT)
      throw new TunesmithError('guest', 'the guest’s export has an impossible length');
    return length;
  }

  private read(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(this.fd, bytes, 0, length, at);
    return bytes;
  }
}
