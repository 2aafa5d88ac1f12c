/**
 * The exchange's running hash: two signed 32-bit lanes in a typed array, so that mixing allocates nothing.
 *
 * A record of five numbers is folded by independent multiplications, which the processor overlaps, and then mixed once:
 * a chain of one step per number was a third of the time of an order. Each lane folds with constants of its own, so
 * records that collide in one lane part in the other. Not cryptographic: it finds where two runs part.
 */
import { initHash, mixValue } from '../core/math/state-hash.ts'

export type HashLanes = Int32Array

export function initLanes(): HashLanes {
  return Int32Array.of(0x9e3779b9, 0x85ebca6b)
}

/** Mixes five numbers; whole ones below 2^31 cheaply, all others by their 64 bits. */
export function mixRecord(lanes: HashLanes, a: number, b: number, c: number, d: number, e: number): void {
  const a32 = fold(a)
  const b32 = fold(b)
  const c32 = fold(c)
  const d32 = fold(d)
  const e32 = fold(e)
  const forHigh =
    (Math.imul(a32, 0x27d4eb2d) +
      Math.imul(b32, 0x165667b1) +
      Math.imul(c32, 0x9e3779b1) +
      Math.imul(d32, 0xc2b2ae35) +
      Math.imul(e32, 0x85ebca77)) |
    0
  const forLow =
    (Math.imul(a32, 0xc2b2ae3d) +
      Math.imul(b32, 0x2c1b3c6d) +
      Math.imul(c32, 0x297a2d39) +
      Math.imul(d32, 0xcc9e2d55) +
      Math.imul(e32, 0x1b873597)) |
    0
  const high = Math.imul(lanes[0]! ^ forHigh, 0xcc9e2d51)
  const low = Math.imul(lanes[1]! ^ forLow ^ (high >>> 16), 0x1b873593)
  const turned = (high << 13) | (high >>> 19)
  lanes[0] = turned
  lanes[1] = low ^ (low >>> 15) ^ turned
}

const floatView = new Float64Array(1)
const wordView = new Int32Array(floatView.buffer)

function fold(value: number): number {
  const word = value | 0
  return word === value ? word : foldWide(value)
}

/** Sizes, times and sums beyond 31 bits, and whatever else a command may carry. */
function foldWide(value: number): number {
  floatView[0] = value
  return Math.imul(wordView[0]!, 0x2545f491) ^ Math.imul(wordView[1]! + 1, 0x9e3779b1)
}

export function mixString(lanes: HashLanes, text: string): void {
  for (let at = 0; at < text.length; at += 4) {
    mixRecord(
      lanes,
      text.charCodeAt(at),
      at + 1 < text.length ? text.charCodeAt(at + 1) : -1,
      at + 2 < text.length ? text.charCodeAt(at + 2) : -1,
      at + 3 < text.length ? text.charCodeAt(at + 3) : -1,
      text.length,
    )
  }
}

/** Mixes any JSON-safe value: for what is rare. */
export function mixAny(lanes: HashLanes, value: unknown): void {
  const digest = initHash()
  mixValue(digest, value)
  mixRecord(lanes, digest.high | 0, digest.low | 0, 0, 0, 0)
}

/** 16 hexadecimal digits. */
export function lanesToHex(lanes: HashLanes): string {
  return [...lanes].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
}
