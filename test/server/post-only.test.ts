/** Batches of post-only orders, order by order: where one would cross, and in the window after an upgrade. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ApiRequestError } from '@nktkas/hyperliquid'
import { parseFaultScript } from '../../src/server/faults/script.ts'
import { httpClients, openVenue, testWallet, type Clients, type TestVenue } from './venue.ts'

const ALO = { limit: { tif: 'Alo' } } as const
const GTC = { limit: { tif: 'Gtc' } } as const
const UPGRADE = 'Only post-only orders allowed immediately after network upgrade'

type Order = Parameters<Clients['exchange']['order']>[0]['orders'][number]
const bid = (p: string, t: Order['t'] = ALO): Order => ({ a: 0, b: true, p, s: '0.01', r: false, t })

/** What the venue answered, refusals of single orders included: the SDK throws when there is one. */
async function statusesOf(venue: TestVenue, answer: Promise<unknown>): Promise<unknown> {
  try {
    return statusesIn(await venue.whileRunning(answer))
  } catch (error) {
    if (error instanceof ApiRequestError) return statusesIn(error.response)
    throw error
  }
}

const statusesIn = (answer: unknown): unknown =>
  (answer as { response: { data: { statuses: unknown } } }).response.data.statuses
const RESTING = { resting: { oid: expect.any(Number) } }

describe('a batch in which one would cross', () => {
  let venue: TestVenue
  let maker: Clients
  beforeAll(async () => {
    venue = await openVenue()
    maker = httpClients(venue, testWallet(901))
    const other = httpClients(venue, testWallet(902))
    for (const { wallet } of [maker, other]) venue.fund(wallet, 100_000)
    const ask = { ...bid('60010'), b: false }
    await venue.whileRunning(other.exchange.order({ orders: [ask], grouping: 'na' }))
  })
  afterAll(() => venue.close())

  test('answers that order with the best prices of its moment, and takes the others', async () => {
    const orders = [bid('59990'), bid('60010'), bid('60020'), bid('59980')]
    const error = (asset: number): unknown => ({
      error: expect.stringMatching(
        new RegExp(
          `^Post only order would have immediately matched, bbo was 59990(\\.0)?@60010(\\.0)?\\. asset=${asset}$`,
        ),
      ),
    })
    const placed = await statusesOf(venue, maker.exchange.order({ orders, grouping: 'na' }))
    expect(placed).toEqual([RESTING, error(0), error(0), RESTING])
    const open = await maker.info.openOrders({ user: maker.wallet.address })
    expect(open.map(({ limitPx }) => Number(limitPx)).sort()).toEqual([59_980, 59_990])
    expect(await maker.info.userFills({ user: maker.wallet.address })).toEqual([])
  })

  test('the refused ones stand in the history, with the venue’s word', async () => {
    const history = await maker.info.historicalOrders({ user: maker.wallet.address })
    const words = history.map(({ order, status }) => [Number(order.limitPx), status])
    expect(words).toEqual(
      expect.arrayContaining([
        [60_010, 'badAloPxRejected'],
        [60_020, 'badAloPxRejected'],
        [59_990, 'open'],
      ]),
    )
  })

  test('so does a batch of modifies: the one that would cross loses its old order, the other moves', async () => {
    const open = await maker.info.openOrders({ user: maker.wallet.address })
    const [crossing, moving] = open.map(({ oid }) => oid)
    const modifies = [
      { oid: crossing ?? 0, order: bid('60010') },
      { oid: moving ?? 0, order: bid('59970') },
    ]
    const answer = await statusesOf(venue, maker.exchange.batchModify({ modifies }))
    expect(answer).toEqual([{ error: expect.stringContaining('would have immediately matched') }, RESTING])
  })
})

describe('the window after an upgrade', () => {
  let venue: TestVenue
  let maker: Clients
  beforeAll(async () => {
    const fault = { kind: 'post-only', at_sec: 0, for_sec: 3_600 }
    venue = await openVenue({ faults: parseFaultScript({ fault: [fault] }, 'x.toml') })
    maker = httpClients(venue, testWallet(903))
    venue.fund(maker.wallet, 100_000)
  })
  afterAll(() => venue.close())

  test('fails each order that may take, and takes the post-only ones of its batch', async () => {
    const ioc = { limit: { tif: 'Ioc' } } as const
    const orders = [bid('59990'), bid('59980', GTC), bid('59970', ioc), bid('59960')]
    const placed = await statusesOf(venue, maker.exchange.order({ orders, grouping: 'na' }))
    expect(placed).toEqual([RESTING, { error: UPGRADE }, { error: UPGRADE }, RESTING])
    expect(await maker.info.openOrders({ user: maker.wallet.address })).toHaveLength(2)
  })

  test('modifies too: the old order of one that fails stays', async () => {
    const [first, second] = await maker.info.openOrders({ user: maker.wallet.address })
    const modifies = [
      { oid: first?.oid ?? 0, order: bid('59950', GTC) },
      { oid: second?.oid ?? 0, order: bid('59940') },
    ]
    const answer = await statusesOf(venue, maker.exchange.batchModify({ modifies }))
    expect(answer).toEqual([{ error: UPGRADE }, RESTING])
    const open = await maker.info.openOrders({ user: maker.wallet.address })
    expect(open.map(({ limitPx }) => limitPx)).toContain(first?.limitPx)
    const single = { oid: first?.oid ?? 0, order: bid('59930', GTC) }
    await expect(venue.whileRunning(maker.exchange.modify(single))).rejects.toThrow(UPGRADE)
  })

  test('cancels and leverage go on, and a stranger’s order is a stranger’s still', async () => {
    const [open] = await maker.info.openOrders({ user: maker.wallet.address })
    const cancelled = await statusesOf(
      venue,
      maker.exchange.cancel({ cancels: [{ a: 0, o: open?.oid ?? 0 }] }),
    )
    expect(cancelled).toEqual(['success'])
    const stranger = httpClients(venue, testWallet(904))
    const order = stranger.exchange.order({ orders: [bid('59990', GTC)], grouping: 'na' })
    await expect(venue.whileRunning(order)).rejects.toThrow(/does not exist/)
  })
})
