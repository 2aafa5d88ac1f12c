/** TP/SL orders over the wire: how groups answer, are listed, changed and taken back. */
import { ApiRequestError } from '@nktkas/hyperliquid'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { submit } from '../../src/simulation/world.ts'
import { httpClients, openVenue, testWallet, type Clients, type TestVenue } from './venue.ts'

const GTC = { limit: { tif: 'Gtc' } } as const
let venue: TestVenue
let trader: Clients
let other: Clients

beforeEach(async () => {
  venue = await openVenue()
  trader = httpClients(venue, testWallet(61))
  other = httpClients(venue, testWallet(62))
  for (const { wallet } of [trader, other]) venue.fund(wallet, 100_000)
})
afterEach(async () => venue.close())

const run = <Result>(work: Promise<Result>): Promise<Result> => venue.whileRunning(work)
const bid = (p: string, s: string): Order => ({ a: 0, b: true, p, s, r: false, t: GTC })
const ask = (p: string, s: string): Order => ({ ...bid(p, s), b: false })
const exit = (tpsl: 'tp' | 'sl', triggerPx: string, s = '0.02'): Order => ({
  ...{ a: 0, b: false, p: '50000', s, r: true },
  t: { trigger: { isMarket: true, triggerPx, tpsl } },
})
type Order = Parameters<Clients['exchange']['order']>[0]['orders'][number]
type Grouping = NonNullable<Parameters<Clients['exchange']['order']>[0]['grouping']>

async function place(client: Clients, orders: Order[], grouping: Grouping = 'na'): Promise<unknown[]> {
  const { response } = await run(client.exchange.order({ orders, grouping }))
  return response.data.statuses
}
type Shown = Awaited<ReturnType<Clients['info']['frontendOpenOrders']>>
const listed = (): Promise<Shown> => trader.info.frontendOpenOrders({ user: trader.wallet.address })
const oidOf = async (orderType: string): Promise<number> =>
  (await listed()).find((order) => order.orderType === orderType)?.oid ?? 0

test('a parent lists what waits for it, and its children fall in line when it is filled', async () => {
  const group = [bid('59000', '0.02'), exit('tp', '66000'), exit('sl', '55000')]
  expect(await place(trader, group, 'normalTpsl')).toEqual([
    { resting: { oid: expect.any(Number) } },
    'waitingForFill',
    'waitingForFill',
  ])
  const parent = (await listed()).find(({ isTrigger }) => !isTrigger)
  expect(parent?.children).toMatchObject([
    { orderType: 'Take Profit Market', triggerPx: '66000.0', isPositionTpsl: false, children: [] },
    { orderType: 'Stop Market' },
  ])
})

test('the children of a parent that filled at once wait for their triggers, and say so', async () => {
  await place(other, [ask('60010', '0.02')])
  const group = [bid('60010', '0.02'), exit('tp', '66000')]
  expect(await place(trader, group, 'normalTpsl')).toEqual([
    { filled: expect.objectContaining({ totalSz: '0.02' }) },
    'waitingForTrigger',
  ])
})

test('a changed child goes on waiting for its parent, and ends with it', async () => {
  await place(trader, [bid('59000', '0.02'), exit('tp', '66000'), exit('sl', '55000')], 'normalTpsl')
  const modifies = [{ oid: await oidOf('Stop Market'), order: exit('sl', '54000') }]
  const { response } = await run(trader.exchange.batchModify({ modifies }))
  expect(response.data.statuses).toEqual(['waitingForFill'])
  const parent = (await listed()).find(({ isTrigger }) => !isTrigger)
  expect(parent?.children).toMatchObject([{ triggerPx: '66000.0' }, { triggerPx: '54000.0' }])
  await run(trader.exchange.cancel({ cancels: [{ a: 0, o: parent?.oid ?? 0 }] }))
  expect(await listed()).toEqual([])
})

test('orders of a position are shown as such, also when they were changed, and end with the position', async () => {
  await place(other, [ask('60010', '0.02'), bid('59990', '0.02')])
  await place(trader, [bid('60010', '0.02')])
  const pair = [exit('tp', '66000'), exit('sl', '55000')]
  expect(await place(trader, pair, 'positionTpsl')).toEqual(['waitingForTrigger', 'waitingForTrigger'])
  const oid = await oidOf('Stop Market')
  await run(trader.exchange.modify({ oid, order: exit('sl', '54000') }))
  expect((await listed()).map(({ triggerPx, isPositionTpsl }) => [triggerPx, isPositionTpsl])).toEqual([
    ['54000.0', true],
    ['66000.0', true],
  ])
  await place(trader, [ask('59990', '0.02')])
  expect(await listed()).toEqual([])
  const { address } = trader.wallet
  const ended = (await trader.info.historicalOrders({ user: address })).filter(
    ({ status }) => status === 'reduceOnlyCanceled',
  )
  expect(ended.map(({ order }) => order.isPositionTpsl)).toEqual([true, true])
})

test('an order of a position with size 0 stands for all of it, however large it has become', async () => {
  await place(other, [ask('60010', '0.05'), bid('59980', '0.05')])
  await place(trader, [bid('60010', '0.02')])
  // What wallets send for "close the whole position".
  expect(await place(trader, [exit('tp', '66000', '0'), exit('sl', '55000', '0')], 'positionTpsl')).toEqual([
    'waitingForTrigger',
    'waitingForTrigger',
  ])
  const stop = { sz: '0.0', origSz: '0.0', isPositionTpsl: true, reduceOnly: true }
  expect(await listed()).toMatchObject([stop, stop])
  const oid = await oidOf('Stop Market')
  await run(trader.exchange.modify({ oid, order: exit('sl', '59996', '0') }))
  await place(trader, [bid('60010', '0.03')])
  venue.step()
  submit(venue.world, { kind: 'oracle', assetId: 0, oracleTicks: 599_500 }, () => {})
  venue.step(60_000)
  const { assetPositions } = await trader.info.clearinghouseState({ user: trader.wallet.address })
  expect(assetPositions).toEqual([])
  expect(await listed()).toEqual([])
})

test('size 0 is refused of every order that does not belong to a position', async () => {
  await place(other, [ask('60010', '0.05')])
  await place(trader, [bid('60010', '0.02')])
  const zero = { error: 'Order has zero size.' }
  const sent = (order: Order, grouping: Grouping): Promise<unknown> =>
    place(trader, [order], grouping).catch((fault: unknown) => statusesOf(fault))
  expect(await sent(exit('sl', '55000', '0'), 'na')).toEqual([zero])
  expect(await sent(bid('59000', '0'), 'na')).toEqual([zero])
  await place(trader, [exit('sl', '55000')])
  const modifies = [{ oid: await oidOf('Stop Market'), order: exit('sl', '54000', '0') }]
  expect(await run(trader.exchange.batchModify({ modifies })).catch(statusesOf)).toEqual([zero])
  expect(await listed()).toMatchObject([{ triggerPx: '55000.0', sz: '0.02' }])
})

/** What the venue said of each order, out of the SDK's error. */
function statusesOf(fault: unknown): unknown {
  if (!(fault instanceof ApiRequestError)) throw fault
  return (fault.response as { response: { data: { statuses: unknown } } }).response.data.statuses
}
