/**
 * From records to blocks: frames fill a block of about 64 KiB, a chain frame closes it. Pure bookkeeping, no I/O.
 *
 *   chain frame  kind · last seq · group · flags · records so far · SHA-256(previous hash + the block up to this hash)
 *
 * A *group* is what one sync makes durable. Groups are written strictly one after the other, so a byte of group n + 1
 * proves that group n was durable: that is how the reader tells a torn tail from damage. One hash per block instead of
 * one per record is ten times cheaper and proves the same prefix.
 */
import { createHash } from 'node:crypto'
import { assert } from '../core/assert.ts'
import type { Input } from '../core/input.ts'
import { initSink, putByte, putVarint } from './bytes.ts'
import type { ByteSink } from './bytes.ts'
import { encodeInput, encodeRecord } from './codec.ts'
import { FRAME_LENGTH_BYTES, HASH_BYTES, encodeSegmentHeader } from './format.ts'
import type { JournalRecord } from './format.ts'
import { BODY_KIND, beginFrame, endFrame } from './frame.ts'
import type { RoomFor } from './frame.ts'

export const BLOCK_BYTES: number = 64 * 1024
/** Flag of the last chain frame of a journal that was closed in order. */
export const CHAIN_FLAG_END = 1
const CHAIN_FRAME_BYTES_MAX = 128
const SPARE_SINKS_MAX = 32
/**
 * A longer group ends, so that those who wait for its beginning go on while the rest is written; a sync of so much takes a
 * millisecond.
 */
const GROUP_BYTES_MAX: number = 1024 * 1024

export interface Block {
  readonly sink: ByteSink
  /** Records of the journal up to the end of this block. */
  readonly recordCount: number
  readonly group: number
  /** The header of the segment that begins with this block; null in the middle of a segment. */
  readonly segmentHeader: Buffer | null
  readonly segmentIndex: number
}

export interface BlockBuilder {
  readonly segmentBytesMax: number
  /** Closed and not yet taken by the pump. */
  closed: Block[]
  /** Chain hash at the end of the last closed block. */
  chainHash: Buffer
  /** Number of the group that the next closed block belongs to. */
  group: number
  /** Bytes of its closed blocks. */
  groupBytes: number
  recordCount: number
  /** Bytes of all blocks and segment headers so far. */
  byteCount: number
  seqLast: number
  tsMsLast: number
  sink: ByteSink
  /** End of the last whole frame in `sink`; what a failed encoding left behind it is overwritten. */
  frameEnd: number
  segmentIndex: number
  segmentBytes: number
  segmentBlockCount: number
  readonly spareSinks: ByteSink[]
  /** Room in this builder's open block. */
  readonly roomFor: RoomFor
}

/** @param headerBytes the encoded header of the first segment; its hash is the start of the chain */
export function initBuilder(headerBytes: Buffer, segmentBytesMax: number): BlockBuilder {
  const builder: BlockBuilder = {
    segmentBytesMax,
    closed: [],
    chainHash: hashOf(headerBytes, Buffer.alloc(0)),
    group: 1,
    groupBytes: 0,
    recordCount: 0,
    byteCount: headerBytes.length,
    seqLast: 0,
    tsMsLast: 0,
    sink: initSink(BLOCK_BYTES + CHAIN_FRAME_BYTES_MAX),
    frameEnd: 0,
    segmentIndex: 1,
    segmentBytes: headerBytes.length,
    segmentBlockCount: 0,
    spareSinks: [],
    roomFor: (bytesMax) => roomIn(builder, bytesMax),
  }
  return builder
}

/** SHA-256 over the previous hash and these bytes. */
export function hashOf(previous: Buffer, bytes: Buffer): Buffer {
  return createHash('sha256').update(previous).update(bytes).digest()
}

/** Appends one record to the open block, closing full blocks on the way. A record that cannot be encoded changes nothing. */
export function appendRecord(builder: BlockBuilder, record: JournalRecord): void {
  const bytes = record.kind === 'input' ? putInput(builder, record.input) : putRecord(builder, record)
  builder.frameEnd = builder.sink.at
  builder.recordCount += 1
  builder.byteCount += bytes
  if (builder.frameEnd >= BLOCK_BYTES) closeBlock(builder, 0)
}

/** What the reader relies on: inputs count from 1 without a gap, and time does not go back. */
function putInput(builder: BlockBuilder, input: Input): number {
  const { seq, tsMs } = input
  assert(seq === builder.seqLast + 1, 'inputs are numbered from 1 without a gap')
  assert(tsMs >= builder.tsMsLast, 'the time of inputs does not go back')
  const bytes = encodeInput(input, seq, tsMs, builder.roomFor)
  builder.seqLast = seq
  builder.tsMsLast = tsMs
  return bytes
}

/** An exchange's commands are numbered as inputs are; effects name their cause. */
function putRecord(builder: BlockBuilder, record: Exclude<JournalRecord, { kind: 'input' }>): number {
  if (record.kind !== 'venueCommand') {
    assert(record.seq === builder.seqLast, 'a command, checkpoint or note has the seq of the last input')
    return encodeRecord(record, builder.roomFor)
  }
  assert(record.seq === builder.seqLast + 1, 'commands of the exchange are numbered from 1 without a gap')
  const bytes = encodeRecord(record, builder.roomFor)
  builder.seqLast = record.seq
  return bytes
}

function roomIn(builder: BlockBuilder, bytesMax: number): ByteSink {
  const { sink } = builder
  sink.at = builder.frameEnd
  if (sink.at + bytesMax + CHAIN_FRAME_BYTES_MAX <= sink.bytes.length) return sink
  if (builder.frameEnd > 0) closeBlock(builder, 0)
  if (bytesMax + CHAIN_FRAME_BYTES_MAX > builder.sink.bytes.length) {
    recycleSink(builder, builder.sink)
    builder.sink = initSink(bytesMax + CHAIN_FRAME_BYTES_MAX)
  }
  return builder.sink
}

/** Ends the open block with a chain frame, even an empty one when `flags` say something. */
export function closeBlock(builder: BlockBuilder, flags: number): void {
  const { sink } = builder
  sink.at = builder.frameEnd
  if (sink.at === 0 && flags === 0) return

  const segmentHeader = beginSegmentIfFull(builder)
  const start = beginFrame(sink, BODY_KIND.chain, builder.seqLast)
  putVarint(sink, builder.group)
  putByte(sink, flags)
  putVarint(sink, builder.recordCount)
  // The length is known before the hash is, so the hash covers it too.
  sink.view.setUint32(start, sink.at + HASH_BYTES - start - FRAME_LENGTH_BYTES, true)
  builder.chainHash = hashOf(builder.chainHash, sink.bytes.subarray(0, sink.at))
  builder.chainHash.copy(sink.bytes, sink.at)
  sink.at += HASH_BYTES
  builder.byteCount += endFrame(sink, start)
  builder.segmentBytes += sink.at
  builder.segmentBlockCount += 1
  builder.closed.push({
    sink,
    recordCount: builder.recordCount,
    group: builder.group,
    segmentHeader,
    segmentIndex: builder.segmentIndex,
  })
  builder.groupBytes += sink.at
  if (builder.groupBytes >= GROUP_BYTES_MAX) beginGroup(builder)
  builder.sink = builder.spareSinks.pop() ?? initSink(BLOCK_BYTES + CHAIN_FRAME_BYTES_MAX)
  builder.sink.at = 0
  builder.frameEnd = 0
}

/** Blocks that are closed from now on belong to the next group. Not after an empty group: a gap is proof of damage. */
export function beginGroup(builder: BlockBuilder): void {
  builder.group += 1
  builder.groupBytes = 0
}

function beginSegmentIfFull(builder: BlockBuilder): Buffer | null {
  const isFull = builder.segmentBytes + builder.sink.at + CHAIN_FRAME_BYTES_MAX > builder.segmentBytesMax
  // A segment holds at least one block, however small the bound.
  if (!isFull || builder.segmentBlockCount === 0) return null
  builder.segmentIndex += 1
  builder.segmentBlockCount = 0
  const header = encodeSegmentHeader(builder.segmentIndex, builder.chainHash, null)
  builder.segmentBytes = header.length
  builder.byteCount += header.length
  return header
}

/** Keeps a written sink for a later block; large ones of single huge records are let go. */
export function recycleSink(builder: BlockBuilder, sink: ByteSink): void {
  const isUsual = sink.bytes.length === BLOCK_BYTES + CHAIN_FRAME_BYTES_MAX
  if (isUsual && builder.spareSinks.length < SPARE_SINKS_MAX) builder.spareSinks.push(sink)
}
