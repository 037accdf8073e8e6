import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { sha256 } from '../../sha256.ts';
import { Fields, parseBounded } from './check.ts';
import type { RedisLink } from './connect.ts';
import { DistributedError } from './errors.ts';

/*
 * Bytes by their SHA-256, as one hash of Redis: the fields 0, 1, … are pieces, and `is` says how many bytes they are of. It is written
 * last, so that what has it is whole. A piece is
 *
 *   offset  bytes
 *   0       1     0 as it is, 1 deflated
 *   1       4     CRC-32 of the piece as it is, little-endian
 *   5             the piece
 */
const PIECE_BYTES = 1 << 20;
const HEADER_BYTES = 5;
const MAX_BLOB_BYTES = 2 ** 30;
/** Deflating must save a twentieth: weights hardly shrink, and notes do to a third. */
const WORTH_IT = 0.95;

/** For how long something is kept that is in use: a job may wait for days until there is a machine for it. */
export const KEPT_SECONDS = 7 * 86_400;
/** For how long something stays that has been replaced or fetched; who is reading it can finish. */
export const LEAVING_SECONDS = 600;

/** Bytes by digest, under a prefix. */
export class BlobStore {
  /** Bytes of pieces that went to Redis and came from there, deflated where they were. */
  sent = 0;
  received = 0;
  readonly #link: RedisLink;
  readonly #prefix: string;

  constructor(link: RedisLink, prefix: string) {
    this.#link = link;
    this.#prefix = prefix;
  }

  /**
   * Puts bytes there unless they are there already.
   * @param seconds for how long they are kept from now
   * @returns their digest
   * @throws DistributedError where Redis has no room
   */
  async put(bytes: Uint8Array, digest = sha256(bytes), seconds = KEPT_SECONDS): Promise<string> {
    const key = this.#key(digest);
    if (await this.#keep(key, seconds)) return digest;
    const { client } = this.#link;
    // What does not shrink at its beginning is not tried further: deflating weights takes longer than a network does.
    let pays = true;
    for (let at = 0, piece = 0; at < bytes.length; at += PIECE_BYTES, piece++) {
      const packed = packPiece(bytes.subarray(at, at + PIECE_BYTES), pays);
      pays = packed[0] === 1;
      await this.#ask(client.hset(key, String(piece), packed));
      this.sent += packed.length;
      // What is never finished goes soon.
      if (piece === 0) await this.#ask(client.expire(key, LEAVING_SECONDS));
    }
    await this.#ask(client.hset(key, 'is', JSON.stringify({ bytes: bytes.length })));
    await this.#keep(key, seconds);
    return digest;
  }

  /** Whether it is there, whole; then it stays for so many seconds from now. */
  has(digest: string, seconds = KEPT_SECONDS): Promise<boolean> {
    return this.#keep(this.#key(digest), seconds);
  }

  /**
   * The bytes with this digest.
   * @param max bytes that they have at most
   * @throws DistributedError `damaged` where they are not there, or not those
   */
  async get(digest: string, max = MAX_BLOB_BYTES): Promise<Uint8Array> {
    const { client } = this.#link;
    const key = this.#key(digest);
    const said = await this.#ask(client.hget(key, 'is'));
    if (said === null) throw new DistributedError('damaged', `The bytes ${short(digest)} are not in Redis any more.`);
    const size = new Fields(`the bytes ${short(digest)}`, parseBounded('their size', said, 100)).count('bytes', max);
    const bytes = new Uint8Array(size);
    for (let at = 0, piece = 0; at < size; at += PIECE_BYTES, piece++) {
      const expected = Math.min(PIECE_BYTES, size - at);
      const length = await this.#ask(client.hstrlen(key, String(piece)));
      if (length > HEADER_BYTES + PIECE_BYTES) refuse(digest);
      const packed = await this.#ask(client.hgetBuffer(key, String(piece)));
      this.received += packed?.length ?? 0;
      bytes.set(unpackPiece(packed, expected) ?? refuse(digest), at);
    }
    if (sha256(bytes) !== digest) refuse(digest);
    return bytes;
  }

  /** Lets bytes go that have been replaced or fetched: they stay for {@link LEAVING_SECONDS}. */
  async letGo(digests: Iterable<string>): Promise<void> {
    for (const digest of digests) await this.#ask(this.#link.client.expire(this.#key(digest), LEAVING_SECONDS));
  }

  /** Removes bytes that nobody needs any more. */
  async remove(digests: Iterable<string>): Promise<void> {
    const keys = [...digests].map((digest) => this.#key(digest));
    if (keys.length > 0) await this.#ask(this.#link.client.unlink(keys));
  }

  async #keep(key: string, seconds: number): Promise<boolean> {
    const { client } = this.#link;
    if ((await this.#ask(client.hexists(key, 'is'))) !== 1) return false;
    return (await this.#ask(client.expire(key, seconds))) === 1;
  }

  async #ask<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (thrown) {
      throw this.#link.explain(thrown);
    }
  }

  #key(digest: string): string {
    return `${this.#prefix}:blob:${digest}`;
  }
}

function packPiece(piece: Uint8Array, deflates: boolean): Buffer {
  const deflated = deflates ? deflateRawSync(piece, { level: 1 }) : piece;
  const pays = deflated.length < WORTH_IT * piece.length;
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = Number(pays);
  header.writeUInt32LE(crc32(piece), 1);
  return Buffer.concat([header, pays ? deflated : piece]);
}

/** Undefined where it is not a sound piece of exactly `expected` bytes. */
function unpackPiece(packed: Buffer | null, expected: number): Uint8Array | undefined {
  if (packed === null || packed.length < HEADER_BYTES || packed[0] > 1) return undefined;
  const body = packed.subarray(HEADER_BYTES);
  let piece: Buffer;
  try {
    // A few bytes can be made to inflate without end.
    piece = packed[0] === 0 ? body : inflateRawSync(body, { maxOutputLength: expected });
  } catch {
    return undefined;
  }
  return piece.length === expected && crc32(piece) === packed.readUInt32LE(1) ? piece : undefined;
}

function refuse(digest: string): never {
  throw new DistributedError('damaged', `The bytes ${short(digest)} in Redis are damaged: they are not those of that digest.`); // prettier-ignore
}

/** Enough of a digest for people. */
export function short(digest: string): string {
  return digest.slice(0, 12);
}
