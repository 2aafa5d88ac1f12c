import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEndedLog, keepEnded, newestEnded } from '../../src/exchange/history.ts'
import { ENDED_ORDERS_MAX } from '../../src/exchange/limits.ts'
import {
  createOrderPool,
  FIELD_OID,
  FLAG_NAMED,
  UNPLACED,
  WORD_FLAGS,
} from '../../src/exchange/order-index.ts'
import { statusCode } from '../../src/exchange/status.ts'

const ACCOUNT_COUNT = 6

test('of every account the newest orders are kept, however unevenly orders end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ owner: fc.integer({ min: 0, max: ACCOUNT_COUNT - 1 }), run: fc.nat(1_500) }), {
        minLength: 20,
        maxLength: 40,
        size: 'max',
      }),
      fc.nat(20_000),
      (runs, firstNamed) => {
        const pool = createOrderPool<null>()
        const log = createEndedLog()
        const plain: { oid: number; cloid: string | null }[][] = Array.from(
          { length: ACCOUNT_COUNT },
          () => [],
        )
        let oid = 0
        for (const { owner, run } of runs) {
          for (let index = 0; index <= run; index += 1) {
            oid += 1
            const isNamed = oid > firstNamed && oid % 3 === 0
            const cloid = isNamed ? `0x${oid}` : null
            pool.records[FIELD_OID] = oid
            pool.words[WORD_FLAGS] = isNamed ? FLAG_NAMED : 0
            pool.cloid[UNPLACED] = cloid
            keepEnded(log, owner, pool, UNPLACED, 7, statusCode('canceled'), 1_000 + oid)
            plain[owner]?.push({ oid, cloid })
          }
        }
        for (const [owner, list] of plain.entries()) {
          const kept = [...newestEnded(log, owner, '0xa')].map(({ order: one, status, statusTsMs }) => {
            return `${one.oid} ${one.cloid} ${one.assetId} ${status} ${statusTsMs}`
          })
          const wanted = list.slice(-ENDED_ORDERS_MAX).reverse()
          expect(kept).toEqual(wanted.map((one) => `${one.oid} ${one.cloid} 7 canceled ${1_000 + one.oid}`))
        }
      },
    ),
    { numRuns: 5 },
  )
})
