/** What the venue does to its traders on demand, over the real wire: another margin table, a liquidation. */
import { describe, expect, test } from 'vitest'
import { FaultScriptError, parseFaultScript } from '../../../src/server/faults/script.ts'
import { httpClients, openVenue, socketClients, testWallet, until } from '../venue.ts'

const scriptOf = (fault: object): ReturnType<typeof parseFaultScript> =>
  parseFaultScript({ fault: [fault] }, 'x.toml')

describe('another margin table', () => {
  test('is shown by meta and holds for leverage from then on', async () => {
    const venue = await openVenue({
      faults: scriptOf({ kind: 'margin-table', coin: 'BTC', max_leverage: 3 }),
    })
    const { info, exchange, wallet } = httpClients(venue, testWallet(61))
    venue.fund(wallet, 1_000)
    await until(venue, 'the fault strikes', () => venue.server.faults?.strikeCounts[0] === 1)
    venue.step()
    const { universe } = await info.meta()
    expect(universe[0]).toMatchObject({ name: 'BTC', maxLeverage: 3, marginTableId: 3 })
    const update = exchange.updateLeverage({ asset: 0, isCross: true, leverage: 4 })
    await expect(venue.whileRunning(update)).rejects.toThrow(/leverage/i)
    await venue.close()
  })

  test('of a market that the venue does not have is refused before anything is served', async () => {
    const faults = scriptOf({ kind: 'margin-table', coin: 'DOGGO', max_leverage: 3 })
    const failure = openVenue({ faults })
    await expect(failure).rejects.toThrow(FaultScriptError)
    await expect(failure).rejects.toThrow(
      /fault\.0\.coin = "DOGGO" is no market of this venue; there are BTC, /,
    )
  })
})

test('a liquidation waits for a position of somebody who is connected, and takes his and nobody else’s', async () => {
  const venue = await openVenue({ faults: scriptOf({ kind: 'liquidate' }) })
  const stranger = httpClients(venue, testWallet(62))
  const me = await socketClients(venue, testWallet(63))
  for (const { wallet } of [stranger, me]) venue.fund(wallet, 10_000)
  const fills: { readonly liquidation?: unknown }[] = []
  await venue.whileRunning(
    me.subscriptions.userFills({ user: me.wallet.address }, (event) => fills.push(...event.fills)),
  )
  venue.step(1_000)
  expect(venue.server.faults?.strikeCounts).toEqual([0])
  const order = { a: 0, p: '60000', s: '0.01', r: false, t: { limit: { tif: 'Gtc' } } } as const
  await venue.whileRunning(stranger.exchange.order({ orders: [{ ...order, b: false }], grouping: 'na' }))
  await venue.whileRunning(me.exchange.order({ orders: [{ ...order, b: true }], grouping: 'na' }))
  await until(venue, 'the position is liquidated', () =>
    fills.some(({ liquidation }) => liquidation !== undefined),
  )
  expect(venue.server.faults?.strikeCounts).toEqual([1])
  const state = await stranger.info.clearinghouseState({ user: me.wallet.address })
  expect(state.assetPositions).toEqual([])
  const other = await stranger.info.clearinghouseState({ user: stranger.wallet.address })
  expect(other.assetPositions).toMatchObject([{ position: { szi: '-0.01' } }])
  await me.close()
  await venue.close()
})
