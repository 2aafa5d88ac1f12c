/** Frames as they are: acknowledgements, error texts, posts, the idle close. */
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openVenue, testWallet, until, type TestVenue } from './venue.ts'

let venue: TestVenue

beforeAll(async () => {
  venue = await openVenue({ webSocketIdleMs: 60_000 })
  venue.fund(testWallet(71), 1_000)
})
afterAll(async () => venue.close())

interface RawClient {
  readonly socket: WebSocket
  readonly frames: { channel: string; data?: unknown }[]
  /** Sends and returns the next frame of one of these channels. */
  ask(message: unknown, ...channels: string[]): Promise<unknown>
}

async function connect(from: TestVenue = venue): Promise<RawClient> {
  const socket = new WebSocket(from.server.wsUrl)
  const frames: RawClient['frames'] = []
  socket.on('message', (data) => frames.push(JSON.parse(String(data))))
  await once(socket, 'open')
  return {
    socket,
    frames,
    async ask(message, ...channels) {
      const start = frames.length
      socket.send(typeof message === 'string' ? message : JSON.stringify(message))
      const find = () => frames.slice(start).find(({ channel }) => channels.includes(channel))
      await until(from, `a frame of ${channels.join(' or ')} arrives`, () => find() !== undefined)
      return find()
    },
  }
}

const subscribe = (subscription: object) => ({ method: 'subscribe', subscription })
const unsubscribe = (subscription: object) => ({ method: 'unsubscribe', subscription })

describe('requests', () => {
  test('a ping is answered by a pong without data', async () => {
    const client = await connect()
    expect(await client.ask({ method: 'ping' }, 'pong')).toEqual({ channel: 'pong' })
    client.socket.close()
  })

  test('a subscription is echoed before its first message, and again when it ends', async () => {
    const client = await connect()
    const subscription = { type: 'l2Book', coin: 'BTC', nSigFigs: null }
    const channels = ['subscriptionResponse', 'l2Book', 'error']
    expect(await client.ask(subscribe(subscription), ...channels)).toEqual({
      channel: 'subscriptionResponse',
      data: { method: 'subscribe', subscription },
    })
    await until(venue, 'the book arrives', () => client.frames.some(({ channel }) => channel === 'l2Book'))
    expect(await client.ask(unsubscribe(subscription), 'subscriptionResponse')).toEqual({
      channel: 'subscriptionResponse',
      data: { method: 'unsubscribe', subscription },
    })
    client.socket.close()
  })

  test('subscribing twice, however it is spelt, and ending what is not there', async () => {
    const client = await connect()
    const user = testWallet(71).address
    const spelt = { user: `0x${user.slice(2).toUpperCase()}`, type: 'orderUpdates' }
    await client.ask(subscribe({ type: 'orderUpdates', user }), 'subscriptionResponse')
    expect(await client.ask(subscribe(spelt), 'error')).toEqual({
      channel: 'error',
      data: `Already subscribed: ${JSON.stringify(spelt)}`,
    })
    await client.ask(unsubscribe(spelt), 'subscriptionResponse')
    expect(await client.ask(unsubscribe(spelt), 'error')).toEqual({
      channel: 'error',
      data: `Already unsubscribed: ${JSON.stringify(spelt)}`,
    })
    client.socket.close()
  })

  test.each([
    [{ type: 'l2Book', coin: 'NOPE' }],
    [{ type: 'l2Book', coin: 'BTC', nSigFigs: 4, mantissa: 2 }],
    [{ type: 'l2Book', coin: 'BTC', mantissa: 5 }],
    [{ type: 'candle', coin: 'BTC', interval: '7m' }],
    [{ type: 'userFills', user: '0x12' }],
    [{ type: 'allMids', dex: 'nope' }],
    [{ type: 'hasOwnProperty' }],
  ])('an invalid subscription %j', async (subscription) => {
    const client = await connect()
    expect(await client.ask(subscribe(subscription), 'error', 'subscriptionResponse')).toEqual({
      channel: 'error',
      data: `Invalid subscription ${JSON.stringify(subscription)}`,
    })
    client.socket.close()
  })

  test.each([
    '{"method":',
    '"ping"',
    '{"method":"dance"}',
    '{"method":"subscribe"}',
    '{"method":"post","id":"1"}',
    '{"method":"post","id":1.5,"request":{"type":"info","payload":{"type":"meta"}}}',
    '{"method":"post","id":-1,"request":{"type":"info","payload":{"type":"meta"}}}',
  ])('what is no request is echoed: %s', async (text) => {
    const client = await connect()
    expect(await client.ask(text, 'error')).toEqual({
      channel: 'error',
      data: `Error parsing JSON into valid websocket request: ${text}`,
    })
    client.socket.close()
  })
})

describe('posts', () => {
  test('an info request and its refusal', async () => {
    const client = await connect()
    const post = (id: number, payload: object) => ({ method: 'post', id, request: { type: 'info', payload } })
    expect(await client.ask(post(7, { type: 'exchangeStatus' }), 'post')).toEqual({
      channel: 'post',
      data: {
        id: 7,
        response: {
          type: 'info',
          payload: { type: 'exchangeStatus', data: { time: expect.any(Number), specialStatuses: null } },
        },
      },
    })
    expect(await client.ask(post(8, { type: 'nope' }), 'post')).toEqual({
      channel: 'post',
      data: {
        id: 8,
        response: {
          type: 'error',
          payload: '422 Unprocessable Entity: Failed to deserialize the JSON body into the target type',
        },
      },
    })
    client.socket.close()
  })

  test('a refused action is an answer, a malformed one an error', async () => {
    const client = await connect()
    const signature = { r: `0x${'1'.repeat(64)}`, s: `0x${'1'.repeat(64)}`, v: 27 }
    const post = (id: number, action: object) => ({
      method: 'post',
      id,
      request: { type: 'action', payload: { action, nonce: 1, signature } },
    })
    expect(await client.ask(post(1, { type: 'noop' }), 'post')).toMatchObject({
      data: { id: 1, response: { type: 'action', payload: { status: 'err' } } },
    })
    expect(await client.ask(post(2, { type: 'nope' }), 'post')).toMatchObject({
      data: { id: 2, response: { type: 'error', payload: expect.stringMatching(/^422/) } },
    })
    client.socket.close()
  })
})

describe('connections', () => {
  test('one to which nothing is sent is closed after the idle time', async () => {
    const impatient = await openVenue({ webSocketIdleMs: 40 })
    const client = await connect(impatient)
    const [code] = (await once(client.socket, 'close')) as [number]
    expect(code).toBe(1000)
    await impatient.close()
  })

  test('closing the server ends them, and frees the port', async () => {
    const short = await openVenue()
    const client = await connect(short)
    const closed = once(client.socket, 'close')
    await short.close()
    await closed
    const again = await openVenue({ port: short.server.port })
    expect(again.server.port).toBe(short.server.port)
    await again.close()
  })

  test('a taken port is an error by its code, and nothing is left running', async () => {
    await expect(openVenue({ port: venue.server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  test('another path is no WebSocket', async () => {
    const socket = new WebSocket(venue.server.wsUrl.replace('/ws', '/other'))
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).toContain('404')
  })

  test('a feed ends with its last subscriber', async () => {
    const client = await connect()
    await client.ask(subscribe({ type: 'bbo', coin: 'SOL' }), 'subscriptionResponse')
    client.socket.terminate()
    await once(client.socket, 'close')
    const other = await connect()
    await other.ask(subscribe({ type: 'bbo', coin: 'SOL' }), 'subscriptionResponse')
    other.socket.close()
  })
})
