import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  createOrderQueues,
  dequeue,
  enqueue,
  firstQueued,
  nextQueued,
  previousQueued,
  type OrderQueues,
} from '../../src/exchange/order-queue.ts'
import {
  addOwner,
  createOrderPool,
  firstOwn,
  NO_SLOT,
  nextOwn,
  releaseSlot,
  slotOfOid,
  takeSlot,
  WORD_OWN_PLACE,
} from '../../src/exchange/order-index.ts'

const QUEUE_COUNT = 4

interface Member {
  readonly slot: number
  readonly place: number
}

function forwards(queues: OrderQueues, ends: Int32Array, at: number, placeOf: Map<number, number>): number[] {
  const slots: number[] = []
  let slot = firstQueued(queues, ends, at)
  while (slot !== NO_SLOT) {
    slots.push(slot)
    slot = nextQueued(queues, placeOf.get(slot) ?? NaN)
  }
  return slots
}

function backwards(queues: OrderQueues, last: Member | undefined, placeOf: Map<number, number>): number[] {
  const slots: number[] = []
  for (let slot = last?.slot ?? NO_SLOT; slot !== NO_SLOT;) {
    slots.push(slot)
    slot = previousQueued(queues, placeOf.get(slot) ?? NaN)
  }
  return slots
}

function chunksInUse(queues: OrderQueues): number {
  let freeCount = 0
  for (let chunk = queues.freeHead; chunk !== 0; chunk = queues.links[chunk * 2] ?? 0) freeCount += 1
  return queues.taken.length - 1 - freeCount
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('add'),
      queue: fc.nat(QUEUE_COUNT - 1),
      count: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('leave'),
      queue: fc.nat(QUEUE_COUNT - 1),
      count: fc.nat(1_000_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('thin'),
      queue: fc.nat(QUEUE_COUNT - 1),
      count: fc.integer({ min: 2, max: 30 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('empty'), queue: fc.nat(QUEUE_COUNT - 1), count: fc.nat(2) }),
  },
)

test('queues are plain lists: whoever leaves, from whichever place, the others keep their order', () => {
  fc.assert(
    fc.property(fc.array(step, { size: 'max', maxLength: 150 }), (steps) => {
      const queues = createOrderQueues()
      const ends = new Int32Array(2 * QUEUE_COUNT)
      const model: Member[][] = Array.from({ length: QUEUE_COUNT }, () => [])
      const placeOf = new Map<number, number>()
      let slotLast = 0
      const leave = (queue: number, index: number): void => {
        const [gone] = model[queue]?.splice(index, 1) ?? []
        if (gone === undefined) throw new Error('an order is taken')
        dequeue(queues, ends, 2 * queue, gone.place)
        placeOf.delete(gone.slot)
      }
      for (const { kind, queue, count } of steps) {
        const list = model[queue] ?? []
        if (kind === 'add') {
          for (let added = 0; added < count; added += 1) {
            slotLast += 1
            const place = enqueue(queues, ends, 2 * queue, slotLast)
            list.push({ slot: slotLast, place })
            placeOf.set(slotLast, place)
          }
        } else if (kind === 'leave') {
          if (list.length > 0) leave(queue, count % list.length)
        } else if (kind === 'thin') {
          // All but each so manieth: chunks in the middle empty.
          for (let index = list.length - 1; index >= 0; index -= 1)
            if (index % count !== 0) leave(queue, index)
        } else {
          while (list.length > 0)
            leave(queue, count === 0 ? 0 : count === 1 ? list.length - 1 : list.length >> 1)
        }
        for (const [index, members] of model.entries()) {
          const wanted = members.map((one) => one.slot)
          expect(forwards(queues, ends, 2 * index, placeOf)).toEqual(wanted)
          expect(backwards(queues, members.at(-1), placeOf)).toEqual(wanted.reverse())
        }
        expect(chunksInUse(queues)).toBeLessThanOrEqual(placeOf.size)
      }
      for (let queue = 0; queue < QUEUE_COUNT; queue += 1)
        while ((model[queue]?.length ?? 0) > 0) leave(queue, 0)
      expect([...ends, chunksInUse(queues)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0])
    }),
    { numRuns: 60 },
  )
})

test('a queue of a hundred thousand, emptied from all sides, gives back every chunk it took', () => {
  const queues = createOrderQueues()
  const ends = new Int32Array(2)
  const places = Array.from({ length: 100_000 }, (_, slot) => enqueue(queues, ends, 0, slot + 1))
  const chunkCount = queues.taken.length
  const keeps = (slot: number): boolean => slot % 17 === 0
  for (let slot = 99_999; slot >= 0; slot -= 1)
    if (!keeps(slot)) dequeue(queues, ends, 0, places[slot] ?? NaN)
  const kept = places.flatMap((place, slot) => (keeps(slot) ? [{ slot: slot + 1, place }] : []))
  const placeOf = new Map(kept.map((one) => [one.slot, one.place]))
  expect(forwards(queues, ends, 0, placeOf)).toEqual(kept.map((one) => one.slot))
  for (const { place } of kept) dequeue(queues, ends, 0, place)
  expect([firstQueued(queues, ends, 0), chunksInUse(queues)]).toEqual([NO_SLOT, 0])
  for (let slot = 1; slot <= 100_000; slot += 1) enqueue(queues, ends, 0, slot)
  expect(queues.taken.length).toBe(chunkCount)
})

test('ids that find their place taken by an older order are found beside, and orders of an owner stay in order', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          jump: fc.constantFrom(1, 1, 1, 1_024, 4_096, 65_536),
          ends: fc.boolean(),
          which: fc.nat(),
        }),
        {
          size: 'max',
          maxLength: 400,
        },
      ),
      (steps) => {
        const pool = createOrderPool<string>()
        const owners = ['a', 'b', 'c'].map((name) => addOwner(pool, name))
        const live: { oid: number; slot: number; owner: number }[] = []
        let oid = 0
        for (const { jump, ends, which } of steps) {
          if (ends && live.length > 0) {
            const [gone] = live.splice(which % live.length, 1)
            if (gone === undefined) throw new Error('an order is taken')
            dequeue(
              pool.queues,
              pool.ownEnds,
              2 * gone.owner,
              pool.words[gone.slot * 16 + WORD_OWN_PLACE] ?? NaN,
            )
            releaseSlot(pool, gone.slot)
            expect(slotOfOid(pool, gone.oid)).toBe(NO_SLOT)
          } else {
            oid += jump
            const slot = takeSlot(pool, oid)
            const owner = owners[which % owners.length] ?? NaN
            pool.words[slot * 16 + WORD_OWN_PLACE] = enqueue(pool.queues, pool.ownEnds, 2 * owner, slot)
            live.push({ oid, slot, owner })
          }
        }
        for (const one of live) expect(slotOfOid(pool, one.oid)).toBe(one.slot)
        for (const owner of owners) {
          const own: number[] = []
          for (let slot = firstOwn(pool, owner); slot !== NO_SLOT; slot = nextOwn(pool, slot)) own.push(slot)
          expect(own).toEqual(live.filter((one) => one.owner === owner).map((one) => one.slot))
        }
        expect(pool.live).toBe(live.length)
      },
    ),
    { numRuns: 60 },
  )
})
