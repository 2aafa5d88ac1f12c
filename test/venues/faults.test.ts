import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FillInput } from '../../src/core/input.ts'
import {
  BAD_FRAMES_PER_MINUTE_MAX,
  EXPIRY_MARGIN_MS,
  REQUESTS_IN_FLIGHT_MAX,
} from '../../src/venues/hyperliquid/options.ts'
import type { Fate } from '../support/wire-proxy.ts'
import { BOT, newOrder, openStage, type Player, type Stage, STRANGER, until } from '../support/venue-stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await openStage()
})
afterEach(async () => {
  await stage.close()
})

/** Gives one fate to the next request with this action, and lets all others pass. */
function once(action: string, fate: Fate): void {
  let isDone = false
  stage.proxy.onRequest = (path, body) => {
    if (isDone || path !== '/exchange' || !body.includes(`"type":"${action}"`)) return 'pass'
    isDone = true
    return fate
  }
}

/** What the venue has resting for the bot, asked past the failing wire. */
async function restingCount(): Promise<number> {
  const body = JSON.stringify({ type: 'openOrders', user: BOT.address, dex: 'hyna' })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${stage.server.url}/info`, { method: 'POST', headers, body })
  return ((await answer.json()) as unknown[]).length
}

async function restingOrder(player: Player, priceTicks = 299_950): Promise<{ cloid: string; oid: number }> {
  const order = newOrder({ priceTicks })
  player.send({ kind: 'place', order })
  return player.awaitInput('orderResting', (input) => input.cloid === order.cloid)
}

const kindsSince = (player: Player, since: number): string[] =>
  player.inputs.slice(since).map((input) => input.kind)

describe('an answer that never comes', () => {
  test.each([
    ['the answer is lost after the venue took the order', 'loseAnswer', 1, 'open'],
    ['the request is lost on the way', 'loseRequest', 0, 'unknown'],
  ] as const)(
    '%s: the order is uncertain, never sent twice, and a query settles it',
    async (_name, fate, resting, status) => {
      const player = await stage.play()
      const order = newOrder()
      once('order', fate)
      player.send({ kind: 'place', order })
      expect(await player.awaitInput('sendUncertain')).toMatchObject({
        cloids: [order.cloid],
        action: 'place',
      })
      player.send({ kind: 'queryOrder', cloid: order.cloid })
      expect(await player.awaitInput('orderStatus')).toMatchObject({ cloid: order.cloid, status })
      expect(await restingCount()).toBe(resting)
      expect(player.venue.requestCounts['order']).toBe(1)
    },
  )

  test('the venue refuses an order that comes after its expiry, so that a silent one is dead', async () => {
    const player = await stage.play({ submitExpiryMs: -1_000 })
    player.send({ kind: 'place', order: newOrder() })
    expect(await player.awaitInput('orderRefused')).toMatchObject({ refusal: 'nonce' })
    expect(await restingCount()).toBe(0)
  })

  test.each([
    ['a gateway page', { status: 502, contentType: 'text/html', body: '<html>Bad Gateway</html>' }],
    ['a server error', { status: 500, contentType: 'application/json', body: 'null' }],
    ['a login page with status 200', { status: 200, contentType: 'text/html', body: '<html>Welcome</html>' }],
    ['cut JSON', { status: 200, contentType: 'application/json', body: '{"status":"ok","respon' }],
    ['an empty body', { status: 200, contentType: 'application/json', body: '' }],
    ['a yes without content', { status: 200, contentType: 'application/json', body: '{"status":"ok"}' }],
  ])('%s says nothing about a cancel', async (_name, fate) => {
    const player = await stage.play()
    const { cloid, oid } = await restingOrder(player)
    once('cancel', fate)
    player.send({ kind: 'cancel', cloid, oid })
    expect(await player.awaitInput('sendUncertain')).toMatchObject({ cloids: [cloid], action: 'cancel' })
    expect(player.inputsOf('cancelDone')).toEqual([])
    expect(await player.awaitInput('orderUpdate', (input) => input.status === 'cancelled')).toMatchObject({
      oid,
    })
  })

  test.each([
    ['too many requests', { status: 429, contentType: 'application/json', body: 'null' }, 'rate'],
    [
      'a request that the venue cannot read',
      { status: 422, contentType: 'text/plain', body: 'Failed to deserialize' },
      'unknown',
    ],
  ] as const)('%s refuses before anything happens', async (_name, answer, refusal) => {
    const player = await stage.play()
    stage.proxy.onRequest = (path) => (path === '/exchange' ? answer : 'pass')
    player.send({ kind: 'place', order: newOrder() }, { kind: 'cancel', cloid: newOrder().cloid, oid: 7 })
    expect(await player.awaitInput('orderRefused')).toMatchObject({ refusal })
    expect(await player.awaitInput('cancelRefused')).toMatchObject({ refusal })
    expect(player.inputsOf('sendUncertain')).toEqual([])
  })

  test('a lost answer does not hold back the cancels behind it', async () => {
    const player = await stage.play({ requestTimeoutMs: 60_000 })
    const { cloid, oid } = await restingOrder(player)
    once('order', 'holdAnswer')
    player.send({ kind: 'place', order: newOrder({ priceTicks: 298_000 }) })
    player.send({ kind: 'cancel', cloid, oid })
    expect(await player.awaitInput('cancelDone')).toMatchObject({ cloid })
    expect(player.inputsOf('sendUncertain')).toEqual([])
  })

  test('too many unanswered requests turn new orders away unsent; cancels have a reserve', async () => {
    const player = await stage.play({ requestTimeoutMs: 60_000 })
    const { cloid, oid } = await restingOrder(player)
    stage.proxy.onRequest = (path, body) =>
      path === '/exchange' && body.includes('"orders"') ? 'holdAnswer' : 'pass'
    for (let n = 0; n < REQUESTS_IN_FLIGHT_MAX + 2; n += 1) {
      player.send({ kind: 'place', order: newOrder({ priceTicks: 290_000 + 100 * n }) })
    }
    expect(player.inputsOf('orderRefused')).toMatchObject([{ refusal: 'rate' }, { refusal: 'rate' }])
    player.send({ kind: 'cancel', cloid, oid })
    expect(await player.awaitInput('cancelDone')).toMatchObject({ cloid })
    await until(
      () => player.inputsOf('orderUpdate').length >= REQUESTS_IN_FLIGHT_MAX + 2,
      'the orders that were sent',
    )
    expect(await restingCount()).toBe(REQUESTS_IN_FLIGHT_MAX)
  })

  test('a status array that is too short leaves the rest of its orders uncertain', async () => {
    const player = await stage.play()
    const orders = [
      newOrder({ priceTicks: 299_900 }),
      newOrder({ priceTicks: 299_800 }),
      newOrder({ priceTicks: 299_700 }),
    ]
    once('order', { edit: (body) => JSON.stringify(withFirstStatusOnly(JSON.parse(body))) })
    player.send(...orders.map((order) => ({ kind: 'place', order }) as const))
    expect(await player.awaitInput('orderResting')).toMatchObject({ cloid: orders[0]?.cloid })
    expect(await player.awaitInput('sendUncertain')).toMatchObject({
      cloids: [orders[1]?.cloid, orders[2]?.cloid],
    })
    expect(await restingCount()).toBe(3)
  })

  test('cancelling everything waits until an order with a lost answer can no longer appear', async () => {
    const player = await stage.play({ submitExpiryMs: 600, requestTimeoutMs: 200 })
    once('order', 'loseRequest')
    const sentMs = Date.now()
    player.send({ kind: 'place', order: newOrder() })
    await player.awaitInput('sendUncertain')
    expect(await player.venue.cancelAll()).toBe(0)
    expect(Date.now() - sentMs).toBeGreaterThanOrEqual(600 + EXPIRY_MARGIN_MS)
  })

  test('cancelling everything does not wait for an order whose lost answer the stream has told meanwhile', async () => {
    const player = await stage.play({ submitExpiryMs: 60_000, requestTimeoutMs: 200 })
    once('order', 'loseAnswer')
    const order = newOrder()
    player.send({ kind: 'place', order })
    await player.awaitInput('sendUncertain')
    await player.awaitInput('orderUpdate', ({ cloid }) => cloid === order.cloid)
    const startMs = performance.now()
    expect(await player.venue.cancelAll()).toBe(0)
    expect(performance.now() - startMs).toBeLessThan(2_000)
  })

  test('cancelling everything says how much is left when the venue does not act, and fails when it does not list', async () => {
    const player = await stage.play({ requestTimeoutMs: 200 })
    await restingOrder(player)
    await restingOrder(player, 298_000)
    stage.proxy.onRequest = (path, body) =>
      path === '/exchange' && body.includes('"cancels"') ? 'loseRequest' : 'pass'
    expect(await player.venue.cancelAll()).toBe(2)
    stage.proxy.onRequest = (_path, body) => (body.includes('openOrders') ? 'loseAnswer' : 'pass')
    await expect(player.venue.cancelAll()).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })
})

function withFirstStatusOnly(answer: unknown): unknown {
  const ok = answer as { response: { data: { statuses: unknown[] } } }
  ok.response.data.statuses = ok.response.data.statuses.slice(0, 1)
  return ok
}

describe('a connection that is lost', () => {
  test('is told at once; fills missed meanwhile come once, then the account, then the word that quoting may resume', async () => {
    const player = await stage.play()
    const { oid } = await restingOrder(player)
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 299_000, sizeLots: 120, tif: 'Ioc' })
    await player.awaitInput('fill')
    let since = player.inputs.length
    stage.proxy.acceptsStreams = false
    stage.proxy.cutStreams()
    await player.awaitInput('connection', (input) => !input.up, since)
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 299_000, sizeLots: 130, tif: 'Ioc' })
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 299_000, sizeLots: 140, tif: 'Ioc' })
    expect(player.inputsOf('fill').length).toBe(1)
    since = player.inputs.length
    stage.proxy.acceptsStreams = true
    await player.awaitInput('connection', (input) => input.up, since)
    const kinds = kindsSince(player, since).filter((kind) => kind !== 'touch')
    expect(kinds.slice(0, 7)).toEqual(['context', 'book', 'fill', 'fill', 'budget', 'account', 'connection'])
    expect(player.inputsOf('fill').map((fill) => [fill.oid, fill.sizeLots, fill.startPositionLots])).toEqual([
      [oid, 120, 0],
      [oid, 130, 120],
      [oid, 140, 250],
    ])
    expect(player.inputsOf('account').at(-1)).toMatchObject({
      positionLots: 390,
      openOrders: [{ oid, remainingLots: 110 }],
    })
    expect(player.venue.stats).toMatchObject({ isUp: true })
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 299_000, sizeLots: 110, tif: 'Ioc' })
    await player.awaitInput('fill', (fill) => fill.startPositionLots === 390)
  })

  test('through many losses every fill is told once and the position always follows from the fills', async () => {
    const player = await stage.play()
    await restingOrder(player)
    for (let round = 1; round <= 6; round += 1) {
      const since = player.inputs.length
      stage.proxy.cutStreams()
      await stage.order(STRANGER.address, {
        side: 'sell',
        priceTicks: 299_000,
        sizeLots: 40 + round,
        tif: 'Ioc',
      })
      await player.awaitInput('connection', (input) => input.up, since)
    }
    await until(() => player.inputsOf('fill').length >= 6, 'six fills')
    const fills = player.inputsOf('fill')
    expect(fills.map((fill) => fill.sizeLots)).toEqual([41, 42, 43, 44, 45, 46])
    expect(chainBreaks(fills)).toEqual([])
    expect(player.venue.stats.reconnectCount).toBeGreaterThanOrEqual(6)
  })

  test('a fill that the stream tells while the account is read for a new connection is told once', async () => {
    const player = await stage.play()
    await restingOrder(player)
    let release: () => void = () => undefined
    const after = new Promise<void>((resolve) => {
      release = resolve
    })
    let isAsked = false
    stage.proxy.onRequest = (_path, body) => {
      if (isAsked || !body.includes('clearinghouseState')) return 'pass'
      isAsked = true
      return { after }
    }
    let hasStreamed = false
    stage.proxy.onFrame = (text) => {
      hasStreamed ||= isAsked && text.includes('"channel":"userFills"')
      return text
    }
    const since = player.inputs.length
    stage.proxy.cutStreams()
    await until(() => isAsked, 'the question for the account')
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 299_000, sizeLots: 41, tif: 'Ioc' })
    await until(() => hasStreamed, 'the fill on the new stream')
    expect(player.inputsOf('fill')).toEqual([])
    release()
    await player.awaitInput('connection', (input) => input.up, since)
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 299_000, sizeLots: 42, tif: 'Ioc' })
    await until(() => player.inputsOf('fill').some((fill) => fill.sizeLots === 42), 'the next fill')
    expect(player.inputsOf('fill').map((fill) => fill.sizeLots)).toEqual([41, 42])
  })

  test('hundreds of fills missed at once are read page by page, each told once and in order', async () => {
    const player = await stage.play()
    const order = newOrder({ priceTicks: 299_950, sizeLots: 100_000 })
    player.send({ kind: 'place', order })
    await player.awaitInput('orderResting')
    const since = player.inputs.length
    stage.proxy.acceptsStreams = false
    stage.proxy.cutStreams()
    await player.awaitInput('connection', (input) => !input.up, since)
    for (let round = 1; round <= 4; round += 1)
      await stage.sellBurst({ priceTicks: 299_950, sizeLots: 40 + round, count: 180 })
    const asked = player.venue.requestCounts['userFillsByTime'] ?? 0
    // The venue may answer with 500 rows at most.
    stage.proxy.onRequest = (_path, body) =>
      body.includes('userFillsByTime')
        ? { edit: (answer) => JSON.stringify((JSON.parse(answer) as unknown[]).slice(0, 500)) }
        : 'pass'
    stage.proxy.acceptsStreams = true
    await player.awaitInput('connection', (input) => input.up, since)
    const fills = player.inputsOf('fill')
    expect(fills.length).toBe(720)
    expect(chainBreaks(fills)).toEqual([])
    expect(player.venue.requestCounts['userFillsByTime']).toBeGreaterThanOrEqual(asked + 2)
    expect(player.inputsOf('account').at(-1)?.positionLots).toBe(180 * (41 + 42 + 43 + 44))
  })

  test('a position that contradicts its fills is asked for again before it is told', async () => {
    const player = await stage.play()
    await restingOrder(player)
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 299_000, sizeLots: 120, tif: 'Ioc' })
    await player.awaitInput('fill')
    const since = player.inputs.length
    let staleCount = 0
    stage.proxy.onRequest = (_path, body) => {
      if (!body.includes('clearinghouseState') || staleCount > 0) return 'pass'
      staleCount += 1
      return { edit: (answer) => answer.replace('"szi":"0.012"', '"szi":"0.0"') }
    }
    player.send({ kind: 'resync', because: 'a test' })
    expect(await player.awaitInput('account', () => true, since)).toMatchObject({ positionLots: 120 })
    expect(staleCount).toBe(1)
    expect(player.inputsOf('account').map((account) => account.positionLots)).toEqual([0, 120])
  })

  test('orders can still be cancelled while it is down', async () => {
    const player = await stage.play()
    const { cloid, oid } = await restingOrder(player)
    stage.proxy.acceptsStreams = false
    stage.proxy.cutStreams()
    await player.awaitInput('connection', (input) => !input.up)
    player.send({ kind: 'cancel', cloid, oid })
    expect(await player.awaitInput('cancelDone')).toMatchObject({ cloid })
    expect(await player.venue.cancelAll()).toBe(0)
  })

  test('is not up again before the account could be read', async () => {
    const player = await stage.play({ requestTimeoutMs: 100 })
    const since = player.inputs.length
    stage.proxy.onRequest = (_path, body) => (body.includes('clearinghouseState') ? 'loseAnswer' : 'pass')
    stage.proxy.cutStreams()
    await until(
      () => player.logs.some((line) => line.includes('the venue cannot be joined')),
      'a failed attempt',
    )
    expect(
      player.inputs
        .slice(since)
        .filter((input) => input.kind === 'account' || (input.kind === 'connection' && input.up)),
    ).toEqual([])
    stage.proxy.onRequest = () => 'pass'
    await player.awaitInput('connection', (input) => input.up, since)
  })

  test('an account that cannot be read while up takes the connection down: a failed question is no flat position', async () => {
    const player = await stage.play({ requestTimeoutMs: 100 })
    const since = player.inputs.length
    stage.proxy.onRequest = (_path, body) => (body.includes('userFillsByTime') ? 'loseAnswer' : 'pass')
    player.send({ kind: 'resync', because: 'a test' })
    await player.awaitInput('connection', (input) => !input.up, since)
    expect(kindsSince(player, since)).not.toContain('account')
    stage.proxy.onRequest = () => 'pass'
    await player.awaitInput('connection', (input) => input.up, since)
    await player.awaitInput('account', () => true, since)
  })

  test('a market that was renumbered or redefined meanwhile is not traded again', async () => {
    const player = await stage.play()
    const since = player.inputs.length
    const change = (from: string, to: string): void => {
      stage.proxy.onRequest = (_path, body) =>
        body.includes('"meta"') ? { edit: (answer) => answer.replace(from, to) } : 'pass'
    }
    change('"name":"hyna:BTC"', '"name":"hyna:ETH"')
    stage.proxy.cutStreams()
    const seen = (text: string) => (): boolean => player.logs.some((line) => line.includes(text))
    await until(seen('the asset id of hyna:ETH was 110001 and is 110000'), 'the renumbering')
    change('"szDecimals":4', '"szDecimals":3')
    await until(seen('the size decimals of hyna:ETH were 4 and are 3'), 'the other decimals')
    change('hyna:ETH', 'hyna:ETHX')
    await until(seen('hyna:ETH is gone'), 'the missing market')
    expect(player.inputs.slice(since).filter((input) => input.kind === 'connection')).toMatchObject([
      { up: false },
    ])
    stage.proxy.onRequest = () => 'pass'
    await player.awaitInput('connection', (input) => input.up, since)
  })

  test('closing while it tries to reconnect ends it', async () => {
    const player = await stage.play()
    stage.proxy.acceptsStreams = false
    stage.proxy.cutStreams()
    await player.awaitInput('connection', (input) => !input.up)
    await player.venue.close()
    const before = player.inputs.length
    stage.proxy.acceptsStreams = true
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 310_000, sizeLots: 50 })
    expect([player.inputs.length, stage.proxy.streamCount()]).toEqual([before, 0])
  })
})

function chainBreaks(fills: readonly FillInput[]): FillInput[] {
  let positionLots = 0
  return fills.filter((fill) => {
    const isBroken = fill.startPositionLots !== positionLots
    positionLots = fill.startPositionLots + (fill.side === 'buy' ? fill.sizeLots : -fill.sizeLots)
    return isBroken
  })
}

describe('a stream that misbehaves', () => {
  test('without books the subscription is renewed, and when that does not help, the connection', async () => {
    const player = await stage.play({ bookSilenceMsMax: 800 })
    const since = player.inputs.length
    const subscriptions = player.venue.requestCounts['subscribe']
    stage.proxy.onFrame = (text) => (text.includes('"channel":"l2Book"') ? null : text)
    const down = await player.awaitInput('connection', (input) => !input.up, since)
    expect(down.text).toMatch(/^no book for \d+ ms$/)
    expect(player.venue.requestCounts['subscribe']).toBe((subscriptions ?? 0) + 1)
    stage.proxy.onFrame = (text) => text
    await player.awaitInput('connection', (input) => input.up, since)
  })

  test('a renewed subscription that brings books again keeps the connection', async () => {
    const player = await stage.play({ bookSilenceMsMax: 800 })
    let isMuted = true
    stage.proxy.onFrame = (text) => {
      if (text.includes('"method":"unsubscribe"')) isMuted = false
      return isMuted && text.includes('"channel":"l2Book"') ? null : text
    }
    await until(() => !isMuted, 'the renewal')
    const since = player.inputs.length
    await player.awaitInput('book', () => true, since)
    await player.awaitInput('book', () => true, player.inputs.length)
    expect(player.inputsOf('connection').length).toBe(1)
  })

  test.each([
    ['no JSON', '{"channel":"userFills","data":{"us'],
    ['no channel', '[1,2,3]'],
    ['a fill off the grid', fillsText({ px: '2999.555' })],
    ['a fill with a number for a price', fillsText({ px: 2999.5 })],
    [
      'an order status that is new',
      '{"channel":"orderUpdates","data":[{"order":{"coin":"hyna:ETH","side":"B","limitPx":"1.0","sz":"1.0","oid":1,"timestamp":1,"origSz":"1.0"},"status":"suspended","statusTimestamp":1}]}',
    ],
  ])('a bad frame is counted and dropped, and the account is read again: %s', async (_name, text) => {
    const player = await stage.play()
    const since = player.inputs.length
    stage.proxy.inject(text)
    await player.awaitInput('account', () => true, since)
    expect(player.venue.stats.badFrameCount).toBe(1)
    expect(player.inputsOf('fill')).toEqual([])
    expect(player.inputsOf('connection').length).toBe(1)
  })

  test('a fill in a frame that was garbled on the way is told by the account sample', async () => {
    const player = await stage.play()
    await restingOrder(player)
    stage.proxy.onFrame = (text) =>
      text.includes('"channel":"userFills"') ? text.replace('"px":', '"p?":') : text
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 299_000, sizeLots: 120, tif: 'Ioc' })
    const fill = await player.awaitInput('fill')
    expect(fill).toMatchObject({ sizeLots: 120, priceTicks: 299_950 })
    expect(player.venue.stats.badFrameCount).toBe(1)
  })

  test('many bad frames take the connection, and with it quoting, down', async () => {
    const player = await stage.play()
    for (let n = 0; n <= BAD_FRAMES_PER_MINUTE_MAX; n += 1)
      stage.proxy.inject(`{"channel":"bbo","data":${n}}`)
    const down = await player.awaitInput('connection', (input) => !input.up)
    expect(down.text).toContain('bad frames in a minute')
    await player.awaitInput('connection', (input) => input.up, player.inputs.indexOf(down))
  })

  test('an older book, and messages about others, change nothing', async () => {
    const player = await stage.play()
    const before = player.inputsOf('book').at(-1)
    stage.proxy.inject(`{"channel":"l2Book","data":{"coin":"hyna:ETH","time":5,"levels":[[],[]]}}`)
    stage.proxy.inject(fillsText({}, '0x00000000000000000000000000000000000000ff'))
    await until(() => player.venue.stats.staleFrameCount === 1, 'the older book')
    expect(player.inputs.filter((input) => input.kind === 'book' && input.venueTsMs === 5)).toEqual([])
    expect(player.inputsOf('fill')).toEqual([])
    expect(before).toBeDefined()
  })
})

function fillsText(more: object, user: string = BOT.address): string {
  const fill = {
    coin: 'hyna:ETH',
    px: '2999.5',
    sz: '0.05',
    side: 'B',
    time: Date.now() + 60_000,
    startPosition: '0.0',
    closedPnl: '0.0',
    oid: 9,
    crossed: false,
    fee: '0.01',
    tid: 77,
    ...more,
  }
  return JSON.stringify({ channel: 'userFills', data: { user, fills: [fill] } })
}
