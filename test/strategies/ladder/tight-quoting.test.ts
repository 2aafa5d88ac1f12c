import { describe, expect, test } from 'vitest'
import {
  failedNames,
  initTightQuoting,
  updateTightQuoting,
  utcHour,
} from '../../../strategies/ladder/tight-quoting.ts'
import type { TightQuotingConfig, TightQuotingInput } from '../../../strategies/ladder/tight-quoting.ts'
import { QUIET_HOUR_MS, TOXIC_HOUR_MS } from '../../support/quote-context.ts'

const config: TightQuotingConfig = {
  isAllowed: true,
  maxInventoryShare: 0.3,
  maxToxicity: 0.1,
  excludedHours: [7, 14],
  minDepthUsd: 50_000,
  maxHoleBps: 5,
  dwellMs: 4_000,
}

const sound: TightQuotingInput = {
  tsMs: QUIET_HOUR_MS,
  regime: 'normal',
  inventoryShare: 0.2,
  toxicity: 0.05,
  depthUsd: 90_000,
  holeBps: 0.7,
}

describe('tight quoting', () => {
  test('comes on only after its conditions held for the dwell time', () => {
    const state = initTightQuoting()
    updateTightQuoting(state, config, sound)
    expect(state.isOn).toBe(false)
    updateTightQuoting(state, config, { ...sound, tsMs: QUIET_HOUR_MS + 3_999 })
    expect(state.isOn).toBe(false)
    updateTightQuoting(state, config, { ...sound, tsMs: QUIET_HOUR_MS + 4_000 })
    expect(state.isOn).toBe(true)
  })

  test.each([
    ['volatility', { regime: 'volatile' }],
    ['inventory', { inventoryShare: 0.31 }],
    ['toxicity', { toxicity: 0.11 }],
    ['toxicity', { toxicity: null }],
    ['hour', { tsMs: TOXIC_HOUR_MS }],
    ['depth', { depthUsd: 49_000 }],
    ['depth', { depthUsd: null }],
    ['depth', { holeBps: 5 }],
    ['depth', { holeBps: null }],
  ] as const)('%s alone forbids it, and is named: %j', (name, change) => {
    const state = initTightQuoting()
    updateTightQuoting(state, { ...config, dwellMs: 0 }, { ...sound, ...change })
    expect(state.isOn).toBe(false)
    expect(failedNames(state)).toEqual([name])
  })

  test('a threshold may be passed a little while it is on, so that noise does not switch it', () => {
    const state = initTightQuoting()
    updateTightQuoting(state, { ...config, dwellMs: 0 }, sound)
    expect(state.isOn).toBe(true)
    updateTightQuoting(state, config, { ...sound, toxicity: 0.115 })
    expect(state.isOn).toBe(true)
    updateTightQuoting(state, config, { ...sound, toxicity: 0.13 })
    expect(state.isOn).toBe(false)
    updateTightQuoting(state, { ...config, dwellMs: 0 }, { ...sound, toxicity: 0.115 })
    expect(state.isOn).toBe(false)
  })

  test('[7, 14] is two hours and not the range between them', () => {
    expect(utcHour(TOXIC_HOUR_MS)).toBe(14)
    const state = initTightQuoting()
    const atTen = QUIET_HOUR_MS + 7 * 3_600_000
    expect(utcHour(atTen)).toBe(10)
    updateTightQuoting(state, { ...config, dwellMs: 0 }, { ...sound, tsMs: atTen })
    expect(state.isOn).toBe(true)
  })

  test('switched off in the configuration it never comes on', () => {
    const state = initTightQuoting()
    updateTightQuoting(state, { ...config, isAllowed: false, dwellMs: 0 }, sound)
    expect(state.isOn).toBe(false)
  })
})
