import { describe, expect, test } from 'vitest'
import {
  parseBlockMs,
  parseCoins,
  parseDeposit,
  parseLatency,
  parseLimits,
  parseVolume,
} from '../../src/cli/commands/exchange.ts'

const NONE = { actionsMs: null, feedsMs: null }

describe('--block-ms', () => {
  test.each([
    ['0', 0],
    ['10', 10],
    ['10000', 10_000],
  ])('%s', (text, ms) => expect(parseBlockMs(text)).toBe(ms))
  test.each(['5', '-1', '10.5', '10001', 'fast', ''])('refuses "%s" with what it takes', (text) => {
    expect(() => parseBlockMs(text)).toThrow(/from 10 to 10000; 0: commands run at once/)
  })
})

describe('--rate-limits', () => {
  const off = { weight: false, budget: false, sockets: false }
  test.each([
    ['all', { weight: true, budget: true, sockets: true }],
    ['budget', { ...off, budget: true }],
    ['weight, sockets', { ...off, weight: true, sockets: true }],
  ])('%s', (text, wanted) => expect(parseLimits(text)).toEqual(wanted))
  test.each(['ip', 'weight,ip', ''])('refuses "%s" with the names', (text) => {
    expect(() => parseLimits(text)).toThrow(/some of weight,budget,sockets/)
  })
})

describe('--schedule-cancel-volume', () => {
  test.each([
    ['0', 0],
    ['1000000', 1_000_000],
  ])('%s', (text, usd) => expect(parseVolume(text)).toBe(usd))
  test.each(['-1', '1.5', '$5', '', '1e12'])('refuses "%s"', (text) => {
    expect(() => parseVolume(text)).toThrow(/whole dollars from 0/)
  })
})

describe('--latency-ms', () => {
  test.each([
    ['20', { actionsMs: [20, 20], feedsMs: [20, 20] }],
    ['5..40', { actionsMs: [5, 40], feedsMs: [5, 40] }],
    ['actions:20..60', { actionsMs: [20, 60], feedsMs: null }],
    ['feeds:2.5', { actionsMs: null, feedsMs: [2.5, 2.5] }],
  ])('%s', (text, wanted) => expect(parseLatency(text, NONE)).toEqual(wanted))
  test('adds up over several flags', () => {
    expect(parseLatency('feeds:5', parseLatency('actions:7', NONE))).toEqual({
      actionsMs: [7, 7],
      feedsMs: [5, 5],
    })
  })
  test.each(['40..5', 'orders:5', '-3', '99999', '5ms'])('refuses "%s" with examples', (text) => {
    expect(() => parseLatency(text, NONE)).toThrow(/a range 5\.\.40/)
  })
})

test('--deposit adds up, takes addresses in any case, and refuses what is none', () => {
  const address = `0x${'AB'.repeat(20)}`
  const one = parseDeposit(`${address}=12.5`, [])
  expect(parseDeposit(`${address}=1`, one)).toEqual([
    { address: address.toLowerCase(), usd: 12.5 },
    { address: address.toLowerCase(), usd: 1 },
  ])
  for (const text of ['0x12=5', address, `${address}=0`, `${address}=-4`, `${address}=1e12`]) {
    expect(() => parseDeposit(text, []), text).toThrow(/0x and 40 hexadecimal digits/)
  }
})

test('--coins is a list of coins, each once', () => {
  expect(parseCoins('BTC, hyna:BTC,BTC')).toEqual(['BTC', 'hyna:BTC'])
  expect(() => parseCoins('BTC,,ETH')).toThrow(/commas/)
})
