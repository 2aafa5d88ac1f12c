/**
 * The exchange's running hash: numbers are noted as they come and folded into two 32-bit lanes a few hundred at a time.
 *
 * Noting a number is one store. Folding them one by one, where they came, was a third of the time of an order: each call
 * had to tell small numbers from wide ones. Here the 64 bits of every number go through both lanes, one number after the
 * other, so it is the same when the fold happens. Not cryptographic: it finds where two runs part.
 */
import { initHash, mixValue } from '../core/math/state-hash.ts'

export interface HashLanes {
  readonly lanes: Int32Array
  /** Noted and not folded yet: the first `count`; and the same memory as words. */
  readonly numbers: Float64Array
  readonly words: Int32Array
  count: number
}

const NOTED_MAX = 512
/** The longest record. */
const RECORD_MAX = 5

export function initLanes(): HashLanes {
  const numbers = new Float64Array(NOTED_MAX)
  const lanes = Int32Array.of(0x9e3779b9, 0x85ebca6b)
  return { lanes, numbers, words: new Int32Array(numbers.buffer), count: 0 }
}

/** Mixes five numbers. Adding 0 makes one of the two zeros: they are equal, and a journal cannot tell them apart. */
export function mixRecord(hash: HashLanes, a: number, b: number, c: number, d: number, e: number): void {
  if (hash.count > NOTED_MAX - RECORD_MAX) foldNoted(hash)
  const { numbers, count } = hash
  numbers[count + 4] = e + 0
  numbers[count] = a + 0
  numbers[count + 1] = b + 0
  numbers[count + 2] = c + 0
  numbers[count + 3] = d + 0
  hash.count = count + 5
}

/** Mixes three numbers. */
export function mixThree(hash: HashLanes, a: number, b: number, c: number): void {
  if (hash.count > NOTED_MAX - RECORD_MAX) foldNoted(hash)
  const { numbers, count } = hash
  numbers[count + 2] = c + 0
  numbers[count] = a + 0
  numbers[count + 1] = b + 0
  hash.count = count + 3
}

/** Mixes two numbers. */
export function mixTwo(hash: HashLanes, a: number, b: number): void {
  if (hash.count > NOTED_MAX - RECORD_MAX) foldNoted(hash)
  const { numbers, count } = hash
  numbers[count + 1] = b + 0
  numbers[count] = a + 0
  hash.count = count + 2
}

function foldNoted(hash: HashLanes): void {
  const { lanes, words } = hash
  const end = hash.count * 2
  let high = lanes[0]!
  let low = lanes[1]!
  for (let at = 0; at < end; at += 2) {
    const first = words[at]!
    const second = words[at + 1]!
    // Each sum tells all pairs of words apart that share one of the two.
    const a = high ^ (Math.imul(first, 0x27d4eb2d) + second)
    const b = low ^ (Math.imul(second, 0xc2b2ae3d) + first)
    high = (Math.imul((a << 13) | (a >>> 19), 0xcc9e2d51) + b) | 0
    low = (Math.imul((b << 17) | (b >>> 15), 0x1b873593) + 0x165667b1) | 0
  }
  lanes[0] = high
  lanes[1] = low
  hash.count = 0
}

/** The two lanes over everything so far, as signed words; changed by what is mixed next. */
export function lanesOf(hash: HashLanes): Int32Array {
  foldNoted(hash)
  return hash.lanes
}

export function mixString(hash: HashLanes, text: string): void {
  for (let at = 0; at < text.length; at += 4) {
    mixRecord(
      hash,
      text.charCodeAt(at),
      at + 1 < text.length ? text.charCodeAt(at + 1) : -1,
      at + 2 < text.length ? text.charCodeAt(at + 2) : -1,
      at + 3 < text.length ? text.charCodeAt(at + 3) : -1,
      text.length,
    )
  }
}

/** Mixes any JSON-safe value: for what is rare. */
export function mixAny(hash: HashLanes, value: unknown): void {
  const digest = initHash()
  mixValue(digest, value)
  mixTwo(hash, digest.high | 0, digest.low | 0)
}

/** 16 hexadecimal digits. */
export function lanesToHex(hash: HashLanes): string {
  return wordsToHex(lanesOf(hash))
}

export function wordsToHex(lanes: Int32Array): string {
  return [...lanes].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
}
