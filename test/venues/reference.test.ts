/** The second market over the wire: found at the start, told on the same socket, in ticks of ours. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStage, STRANGER } from '../support/venue-stage.ts'
import type { Stage } from '../support/venue-stage.ts'

let stage: Stage
const BTC = 0

beforeAll(async () => {
  stage = await openStage()
})
afterAll(async () => stage.close())

const onBtc = (side: 'buy' | 'sell', priceTicks: number): Promise<void> =>
  stage.order(STRANGER.address, { assetId: BTC, side, priceTicks, sizeLots: 1_000 })

test('the mid of a reference is told in ticks of our market, once for each change', async () => {
  await onBtc('buy', 599_990)
  await onBtc('sell', 600_010)
  const player = await stage.play({ reference: 'BTC' })
  // BTC has one decimal, hyna:ETH two.
  expect(player.venue.market.grid.priceDecimals).toBe(2)
  await player.awaitInput('reference', ({ midTicks }) => midTicks === 6_000_000)
  // A size behind the touch changes nothing of it; a better ask does.
  await onBtc('sell', 600_010)
  await onBtc('sell', 600_000)
  const { venueTsMs } = await player.awaitInput('reference', ({ midTicks }) => midTicks === 5_999_950)
  expect(venueTsMs).toBeGreaterThan(0)
  const mids = player.inputsOf('reference').map(({ midTicks }) => midTicks)
  expect(mids).toEqual([6_000_000, 5_999_950])
  // Ours has no book: nothing of the reference was taken for it.
  expect(player.inputsOf('touch').every(({ bidLots, askLots }) => bidLots === 0 && askLots === 0)).toBe(true)
})

test('without one nothing of another market is heard', async () => {
  const player = await stage.play()
  await onBtc('sell', 600_000)
  await player.awaitInput('account')
  expect(player.inputsOf('reference')).toEqual([])
})

test.each([
  ['NOPE', /there is no NOPE on the main DEX/],
  ['nope:BTC', /there is no DEX nope/],
  ['hyna:ETH', /market\.reference = "hyna:ETH" is the quoted market itself; name another market/],
])('a reference %s that cannot be one is refused at the start', async (reference, message) => {
  await expect(stage.open({ reference })).rejects.toMatchObject({
    message: expect.stringMatching(message) as unknown,
  })
})
