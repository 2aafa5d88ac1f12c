/**
 * The running state hash: 64 bits over everything that decided, in order. Deterministic and cheap, for finding
 * where two runs part; it is not cryptographic (the journal's chain is SHA-256).
 *
 * Two multiply-xor lanes with different odd constants (the finaliser of MurmurHash3, Austin Appleby, public domain idea).
 */

/** Two unsigned 32-bit lanes. Plain numbers, JSON-safe. */
export interface StateHash {
  high: number
  low: number
}

export function initHash(): StateHash {
  return { high: 0x9e3779b9, low: 0x85ebca6b }
}

/** Mixes the low 32 bits of a whole number. */
export function mixUint32(hash: StateHash, word: number): void {
  const high = Math.imul(hash.high ^ word, 0xcc9e2d51)
  const low = Math.imul(hash.low ^ word ^ (high >>> 16), 0x1b873593)
  hash.high = ((high << 13) | (high >>> 19)) >>> 0
  hash.low = (low ^ (low >>> 15) ^ hash.high) >>> 0
}

const floatView = new Float64Array(1)
const wordView = new Uint32Array(floatView.buffer)

/** Mixes any number by its 64 bits; −0 counts as 0. */
export function mixNumber(hash: StateHash, value: number): void {
  floatView[0] = value === 0 ? 0 : value
  mixUint32(hash, wordView[0]!)
  mixUint32(hash, wordView[1]!)
}

/** Whole steps are hashed at once: the numbers of one, and the same memory as words. */
export interface NumberBatch {
  readonly numbers: Float64Array
  readonly words: Uint32Array
}

export function initNumberBatch(count: number): NumberBatch {
  const numbers = new Float64Array(count)
  return { numbers, words: new Uint32Array(numbers.buffer) }
}

/** The same as `mixNumber` for one number after the other, with both lanes in registers in between. */
export function mixBatch(hash: StateHash, batch: NumberBatch): void {
  const { numbers, words } = batch
  let high = hash.high | 0
  let low = hash.low | 0
  // Adding 0 makes one of the two zeros.
  for (let index = 0; index < numbers.length; index += 1) numbers[index] = numbers[index]! + 0
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]! | 0
    const mixedHigh = Math.imul(high ^ word, 0xcc9e2d51)
    const mixedLow = Math.imul(low ^ word ^ (mixedHigh >>> 16), 0x1b873593)
    high = (mixedHigh << 13) | (mixedHigh >>> 19)
    low = mixedLow ^ (mixedLow >>> 15) ^ high
  }
  hash.high = high >>> 0
  hash.low = low >>> 0
}

/** Mixes a string by its UTF-16 units and its length. */
export function mixText(hash: StateHash, text: string): void {
  mixUint32(hash, text.length)
  for (let index = 0; index < text.length; index += 1) mixUint32(hash, text.charCodeAt(index))
}

/** 16 hexadecimal digits. */
export function hashToHex(hash: StateHash): string {
  return toHex32(hash.high) + toHex32(hash.low)
}

function toHex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}

/**
 * Hashes a JSON-safe value: objects in insertion order, arrays in order, numbers by their bits.
 * @throws InvariantError never; `undefined` members are skipped as JSON does
 */
export function mixValue(hash: StateHash, value: unknown): void {
  if (typeof value === 'number') {
    mixUint32(hash, 1)
    mixNumber(hash, value)
  } else if (typeof value === 'string') {
    mixUint32(hash, 2)
    mixText(hash, value)
  } else if (typeof value === 'boolean') {
    mixUint32(hash, value ? 3 : 4)
  } else if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = value as ArrayLike<unknown>
    mixUint32(hash, 5)
    mixUint32(hash, items.length)
    for (let index = 0; index < items.length; index += 1) mixValue(hash, items[index])
  } else if (value instanceof Map) {
    mixUint32(hash, 6)
    mixUint32(hash, value.size)
    for (const [key, member] of value) {
      mixValue(hash, key)
      mixValue(hash, member)
    }
  } else if (typeof value === 'object' && value !== null) {
    mixUint32(hash, 7)
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue
      mixText(hash, key)
      mixValue(hash, member)
    }
  } else {
    mixUint32(hash, 8)
  }
}
