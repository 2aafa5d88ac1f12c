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

/**
 * Words noted and not mixed yet. What is hashed comes as many words one after the other; they are mixed in one go, with both lanes
 * in registers, and it comes out as if each had been mixed where it came. Empty between calls.
 */
const NOTED_MAX = 1_024
const noted = new Int32Array(NOTED_MAX)
const notes = { count: 0 }

function note(hash: StateHash, word: number): void {
  if (notes.count === NOTED_MAX) mixNoted(hash)
  noted[notes.count] = word
  notes.count += 1
}

function mixNoted(hash: StateHash): void {
  mixWords(hash, noted, notes.count)
  notes.count = 0
}

function mixWords(hash: StateHash, words: Int32Array, count: number): void {
  let high = hash.high | 0
  let low = hash.low | 0
  for (let index = 0; index < count; index += 1) {
    const word = words[index]!
    const mixedHigh = Math.imul(high ^ word, 0xcc9e2d51)
    const mixedLow = Math.imul(low ^ word ^ (mixedHigh >>> 16), 0x1b873593)
    high = (mixedHigh << 13) | (mixedHigh >>> 19)
    low = mixedLow ^ (mixedLow >>> 15) ^ high
  }
  hash.high = high >>> 0
  hash.low = low >>> 0
}

const floatView = new Float64Array(1)
const wordView = new Int32Array(floatView.buffer)

function noteNumber(hash: StateHash, value: number): void {
  // Adding 0 makes one of the two zeros.
  floatView[0] = value + 0
  note(hash, wordView[0]!)
  note(hash, wordView[1]!)
}

function noteText(hash: StateHash, text: string): void {
  const { length } = text
  note(hash, length)
  if (notes.count + length > NOTED_MAX) {
    for (let index = 0; index < length; index += 1) note(hash, text.charCodeAt(index))
    return
  }
  // Nearly every text has room: one look at the count for all of its letters.
  const { count } = notes
  for (let index = 0; index < length; index += 1) noted[count + index] = text.charCodeAt(index)
  notes.count = count + length
}

/** Mixes any number by its 64 bits; −0 counts as 0. */
export function mixNumber(hash: StateHash, value: number): void {
  noteNumber(hash, value)
  mixNoted(hash)
}

/**
 * Numbers that are to be mixed one after the other, but only when somebody wants the hash or there is no more room: noting one is a
 * store, and mixing hundreds in a row costs a fraction of mixing each where it came.
 */
export interface HashNotes {
  /** The first `count` are not mixed yet; zeros are all positive. */
  readonly numbers: Float64Array
  /** The same memory, two words a number. */
  readonly words: Int32Array
  count: number
}

export function initNotes(countMax: number): HashNotes {
  const numbers = new Float64Array(countMax)
  return { numbers, words: new Int32Array(numbers.buffer), count: 0 }
}

/** The same as `mixNumber` for each of the notes, which are empty afterwards. */
export function mixNotes(hash: StateHash, notes: HashNotes): void {
  mixWords(hash, notes.words, 2 * notes.count)
  notes.count = 0
}

/** Mixes a string by its UTF-16 units and its length. */
export function mixText(hash: StateHash, text: string): void {
  noteText(hash, text)
  mixNoted(hash)
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
  noteValue(hash, value)
  mixNoted(hash)
}

function noteValue(hash: StateHash, value: unknown): void {
  if (typeof value === 'number') {
    note(hash, 1)
    noteNumber(hash, value)
  } else if (typeof value === 'string') {
    note(hash, 2)
    noteText(hash, value)
  } else if (typeof value === 'boolean') {
    note(hash, value ? 3 : 4)
  } else if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = value as ArrayLike<unknown>
    note(hash, 5)
    note(hash, items.length)
    for (let index = 0; index < items.length; index += 1) noteValue(hash, items[index])
  } else if (value instanceof Map) {
    note(hash, 6)
    note(hash, value.size)
    for (const [key, member] of value) {
      noteValue(hash, key)
      noteValue(hash, member)
    }
  } else if (typeof value === 'object' && value !== null) {
    note(hash, 7)
    const members = value as Readonly<Record<string, unknown>>
    for (const key of Object.keys(members)) {
      const member = members[key]
      if (member === undefined) continue
      noteText(hash, key)
      noteValue(hash, member)
    }
  } else {
    note(hash, 8)
  }
}
