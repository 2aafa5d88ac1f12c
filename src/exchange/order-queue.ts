/**
 * First-in first-out queues of orders, out of which an order may leave at any place: those of the levels, and those of
 * every owner's own orders.
 *
 * state   chunks of sixteen places for the slots of orders, oldest first: a chunk is one line of the processor's cache. For
 *         each chunk a word with a bit for every place that is taken, and the chunks before and behind it; no chunk of a
 *         queue is empty
 *         a place is chunk × 16 + index; an order keeps its places in its record, and leaves by clearing a bit
 *         a queue is two words of its owner's memory (`ends`): its first and its last chunk, 0 when it is empty
 * why     in a linked list, an order that leaves would write to its two neighbours, which in a deep queue lie in memory that
 *         is not in the cache; the words with the bits of a hundred thousand orders are 25 kB and stay in it
 * bound   at worst a chunk for every order: when all others of its chunk have left
 */
const CHUNK_BITS = 4
const CHUNK_SIZE = 1 << CHUNK_BITS
const IN_CHUNK = CHUNK_SIZE - 1
/** Chunk 0 is none: it looks full, so that the first order of a queue asks for a chunk as the seventeenth does. */
const FULL = 1 << IN_CHUNK
const CHUNKS_START = 64
const NONE = -1

export interface OrderQueues {
  /** Slots by place. */
  slots: Int32Array
  /** By chunk. */
  taken: Int32Array
  /** Two words a chunk: the one behind, which of a free chunk is the next free one, and the one before. 0 is none. */
  links: Int32Array
  freeHead: number
}

export function createOrderQueues(): OrderQueues {
  const queues: OrderQueues = {
    slots: new Int32Array(0),
    taken: Int32Array.of(FULL),
    links: new Int32Array(0),
    freeHead: 0,
  }
  grow(queues, CHUNKS_START)
  return queues
}

function grow(queues: OrderQueues, chunkCount: number): void {
  const slots = new Int32Array(chunkCount * CHUNK_SIZE)
  const taken = new Int32Array(chunkCount)
  const links = new Int32Array(chunkCount * 2)
  slots.set(queues.slots)
  taken.set(queues.taken)
  links.set(queues.links)
  for (let chunk = chunkCount - 1; chunk >= queues.taken.length; chunk -= 1) {
    links[chunk * 2] = queues.freeHead
    queues.freeHead = chunk
  }
  queues.slots = slots
  queues.taken = taken
  queues.links = links
}

/** Puts an order behind all others. @param at of the queue's two words in `ends` @returns its place */
export function enqueue(queues: OrderQueues, ends: Int32Array, at: number, slot: number): number {
  const last = ends[at + 1]!
  const chunk = (queues.taken[last]! & FULL) === 0 ? last : addChunk(queues, ends, at)
  return putInChunk(queues, chunk, slot)
}

/**
 * Puts an order behind the last one that is still in a chunk with room: places of those that left behind it are used again.
 * @returns its place
 */
export function putInChunk({ taken, slots }: OrderQueues, chunk: number, slot: number): number {
  const bits = taken[chunk]!
  const free = 32 - Math.clz32(bits)
  const place = (chunk << CHUNK_BITS) | free
  taken[chunk] = bits | (1 << free)
  slots[place] = slot
  return place
}

/** Puts a chunk behind the last one of a queue: the caller takes a place in it at once. @returns its number */
export function addChunk(queues: OrderQueues, ends: Int32Array, at: number): number {
  if (queues.freeHead === 0) grow(queues, queues.taken.length * 2)
  const { links, freeHead: chunk } = queues
  const last = ends[at + 1]!
  queues.freeHead = links[chunk << 1]!
  links[chunk << 1] = 0
  links[(chunk << 1) | 1] = last
  if (last === 0) ends[at] = chunk
  else links[last << 1] = chunk
  ends[at + 1] = chunk
  return chunk
}

/** Takes out the order at a place. */
export function dequeue(queues: OrderQueues, ends: Int32Array, at: number, place: number): void {
  const { taken } = queues
  const chunk = place >> CHUNK_BITS
  const left = taken[chunk]! & ~(1 << (place & IN_CHUNK))
  taken[chunk] = left
  if (left === 0) freeChunk(queues, ends, at, chunk)
}

/** Takes a chunk without orders out of its queue. */
export function freeChunk(queues: OrderQueues, ends: Int32Array, at: number, chunk: number): void {
  const { links } = queues
  const after = links[chunk << 1]!
  const before = links[(chunk << 1) | 1]!
  if (before === 0) ends[at] = after
  else links[before << 1] = after
  if (after === 0) ends[at + 1] = before
  else links[(after << 1) | 1] = before
  links[chunk << 1] = queues.freeHead
  queues.freeHead = chunk
}

/** The oldest order of a queue, or NO_SLOT. */
export function firstQueued(queues: OrderQueues, ends: Int32Array, at: number): number {
  const chunk = ends[at]!
  return chunk === 0 ? NONE : queues.slots[(chunk << CHUNK_BITS) | lowestBit(queues.taken[chunk]!)]!
}

/** The order behind that of a place, or NO_SLOT. */
export function nextQueued(queues: OrderQueues, place: number): number {
  const { slots, taken, links } = queues
  const chunk = place >> CHUNK_BITS
  const bits = taken[chunk]! & (-2 << (place & IN_CHUNK))
  if (bits !== 0) return slots[(chunk << CHUNK_BITS) | lowestBit(bits)]!
  const after = links[chunk << 1]!
  return after === 0 ? NONE : slots[(after << CHUNK_BITS) | lowestBit(taken[after]!)]!
}

/** The order before that of a place, or NO_SLOT. */
export function previousQueued(queues: OrderQueues, place: number): number {
  const { slots, taken, links } = queues
  const chunk = place >> CHUNK_BITS
  const bits = taken[chunk]! & ((1 << (place & IN_CHUNK)) - 1)
  if (bits !== 0) return slots[(chunk << CHUNK_BITS) | highestBit(bits)]!
  const before = links[(chunk << 1) | 1]!
  return before === 0 ? NONE : slots[(before << CHUNK_BITS) | highestBit(taken[before]!)]!
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}

function highestBit(bits: number): number {
  return 31 - Math.clz32(bits)
}
