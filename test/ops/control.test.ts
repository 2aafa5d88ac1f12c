/** `POST /kill`: everything but the one right request is refused, and changes nothing. */
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type OpsServer, startHttp } from '../../src/ops/http.ts'

const TOKEN = '5a'.repeat(32)
let server: OpsServer
let kills: string[] = []
let token: string | null = TOKEN

beforeEach(async () => {
  kills = []
  token = TOKEN
  server = await startHttp({
    host: '127.0.0.1',
    port: 0,
    view: () => null,
    requestCounts: () => ({}),
    health: () => ({ isHealthy: true, because: null }),
    control: { token: () => token, kill: (reason) => kills.push(reason) },
  })
})
afterEach(async () => {
  await server.close()
})

const GOOD: Readonly<Record<string, string>> = {
  authorization: `Bearer ${TOKEN}`,
  'content-type': 'application/json',
}

/** Past `fetch`, which does not let a page choose its Host or Origin. */
function post(headers: Readonly<Record<string, string>>, body = '{"reason":"wrong feed"}'): Promise<number> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    const call = request(
      { hostname, port, path: '/kill', method: 'POST', headers: { ...length, ...headers } },
      (answer) => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode ?? 0))
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}

describe('POST /kill', () => {
  test('kills with the token of the run, and keeps the reason', async () => {
    expect(await post(GOOD)).toBe(202)
    expect(kills).toEqual(['HTTP: wrong feed'])
  })

  test.each([
    ['no token', { 'content-type': 'application/json' }, 401],
    ['another token', { ...GOOD, authorization: `Bearer ${'5b'.repeat(32)}` }, 401],
    ['the beginning of the token', { ...GOOD, authorization: `Bearer ${TOKEN.slice(0, 62)}` }, 401],
    ['a name that resolves here', { ...GOOD, host: 'evil.example' }, 403],
    ['a page of another origin', { ...GOOD, origin: 'http://evil.example' }, 403],
    ['a form', { ...GOOD, 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ])('refuses %s', async (_, headers, status) => {
    expect(await post(headers)).toBe(status)
    expect(kills).toEqual([])
  })

  test.each([
    ['no reason', '{}', 400],
    ['a blank reason', '{"reason":"  "}', 400],
    ['a reason without an end', JSON.stringify({ reason: 'x'.repeat(501) }), 400],
    ['no JSON', 'now', 400],
    ['a body beyond the limit', JSON.stringify({ reason: 'x'.repeat(17_000) }), 413],
  ])('refuses a body with %s', async (_, body, status) => {
    expect(await post(GOOD, body)).toBe(status)
    expect(kills).toEqual([])
  })

  test('says that the run is starting before it has a token, and never kills by GET', async () => {
    token = null
    expect(await post({ ...GOOD, authorization: 'Bearer null' })).toBe(503)
    expect((await fetch(`${server.url}/kill`, { headers: GOOD })).status).toBe(404)
    expect(kills).toEqual([])
  })
})
