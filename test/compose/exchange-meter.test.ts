/** What the metrics page of a running exchange says of its books. */
import { afterEach, expect, test } from 'vitest'
import { startEmbedded, type Embedded } from '../../src/compose/embedded.ts'
import { createMeter } from '../../src/compose/exchange-meter.ts'
import { createLog } from '../../src/ops/log.ts'
import { advance, submit } from '../../src/simulation/world.ts'
import { load } from '../support/config.ts'

const START_MS = 1_700_000_000_000
const MAKER = `0x${'ab'.repeat(20)}`
let embedded: Embedded | null = null
afterEach(() => embedded?.close())

test('titan_spread is NaN while a side is empty, and the spread once there are two', async () => {
  const meter = createMeter()
  const { values } = load({ assignments: ['log.level=silent'] })
  const clock = { nowMs: () => START_MS, speed: 1 }
  const at = { host: '127.0.0.1', port: 0, seed: 4, tape: null, scenario: null } as const
  const deposits = [{ address: MAKER, usd: 10_000 }]
  embedded = await startEmbedded({
    ...{ values, clock, log: createLog(values.log), markets: [], deposits },
    ...at,
    ...meter.hooks,
  })
  const { world } = embedded
  const { registry } = meter.follow(embedded)
  const spread = async (): Promise<string | undefined> =>
    /^titan_spread\{symbol="BTC"\} (\S+)$/m.exec(await registry.metrics())?.[1]
  const rest = (side: 'buy' | 'sell', priceTicks: number): void => {
    const order = { assetId: 0, side, priceTicks, sizeLots: 1_000, reduceOnly: false, cloid: null } as const
    const orders = [{ ...order, tif: 'Alo' as const, trigger: null }]
    const action = { kind: 'order', orders, grouping: 'na' } as const
    const sender = { account: MAKER, signer: MAKER, nonce: null, expiresAfterMs: null }
    submit(world, { kind: 'action', ...sender, action }, (answer) => expect(answer.kind).toBe('orders'))
    advance(world, world.nowTsMs + 1_000)
  }

  expect(await spread()).toBe('Nan')
  rest('sell', 600_100)
  expect(await spread()).toBe('Nan')
  rest('buy', 600_000)
  expect(await spread()).toBe('10')
})
