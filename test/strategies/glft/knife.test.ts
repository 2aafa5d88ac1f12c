import { describe, expect, test } from 'vitest'
import { initReading } from '../../../src/core/contracts.ts'
import type { Reading } from '../../../src/core/contracts.ts'
import { initKnife, updateKnife } from '../../../strategies/glft/knife.ts'
import type { KnifeState } from '../../../strategies/glft/knife.ts'
import { measured, QUIET_HOUR_MS } from '../../support/quote-context.ts'

const config = { z: 3, flowShare: 0.65 }

function tell(state: KnifeState, afterMs: number, zs: readonly number[], flow: Reading): string[] {
  updateKnife(
    state,
    config,
    QUIET_HOUR_MS + afterMs,
    zs.map((z) => measured(z)),
    flow,
  )
  return (['falling', 'rising'] as const).filter((direction) => state[direction].isOn)
}

describe('a knife', () => {
  test.each([
    ['a fall that everybody sells into', [0.4, -1.1, -3.2, -0.3], measured(-0.5), ['falling']],
    ['a rise that everybody buys into', [3.4, 1.1], measured(0.4), ['rising']],
    ['a fall alone', [-6], measured(-0.1), []],
    ['a fall that everybody buys into', [-6], measured(0.9), []],
    ['one-sided flow alone', [-2.9], measured(-1), []],
    ['a fall without known flow', [-6], initReading(), []],
  ] as const)('%s', (_, zs, flow, on) => {
    expect(tell(initKnife(), 0, zs, flow)).toEqual(on)
  })

  test('stays through a pause, and leaves five seconds after nothing confirms it', () => {
    const state = initKnife()
    expect(tell(state, 0, [-3.5], measured(-0.6))).toEqual(['falling'])
    // Well below what it came on with, and still one.
    expect(tell(state, 4_000, [-1.9], measured(-0.1))).toEqual(['falling'])
    expect(tell(state, 8_900, [-1.7], measured(-0.6))).toEqual(['falling'])
    expect(tell(state, 9_000, [-1.7], measured(-0.6))).toEqual([])
    // Below the threshold it does not come back.
    expect(tell(state, 9_100, [-2.5], measured(-0.6))).toEqual([])
  })

  test('a turn of the flow ends it as well, and state survives a JSON round trip', () => {
    const state = initKnife()
    tell(state, 0, [4], measured(0.6))
    const restored = JSON.parse(JSON.stringify(state)) as KnifeState
    for (const copy of [state, restored]) {
      expect(tell(copy, 4_900, [4], measured(-0.2))).toEqual(['rising'])
      expect(tell(copy, 5_000, [4], measured(-0.2))).toEqual([])
    }
  })
})
