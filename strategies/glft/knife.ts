/**
 * Is the price a falling knife (or a rising one)? A fast move and one-sided trading together, each of which alone is ordinary.
 *
 * in      z-scores of the move over every horizon, aggressor flow, time
 * out     whether a falling and whether a rising knife is on: the side that it would run over keeps away
 * state   on or off, and when it was confirmed last
 * source  docs/math/momentum.md
 *
 * On at once. Off only once nothing has confirmed it for the dwell time, and by thresholds well below those it came on with: a knife
 * that rests for a second is one.
 */
import { isUsable } from '../../src/core/contracts.ts'
import type { Reading } from '../../src/core/contracts.ts'

export interface KnifeConfig {
  /** z-score, > 0, and share of the aggressor volume on the side of the move, 0.5…1: both are needed. */
  readonly z: number
  readonly flowShare: number
}

export interface KnifeSide {
  isOn: boolean
  /** When the move was last beyond the thresholds it stays on by. */
  confirmedTsMs: number
}

export interface KnifeState {
  readonly falling: KnifeSide
  readonly rising: KnifeSide
}

const DWELL_MS = 5_000
/** It stays on above this share of the z-score, and while the flow leans its way at all. */
const STAY_SHARE = 0.6

export function initKnife(): KnifeState {
  const side = (): KnifeSide => ({ isOn: false, confirmedTsMs: 0 })
  return { falling: side(), rising: side() }
}

export function updateKnife(
  state: KnifeState,
  config: KnifeConfig,
  tsMs: number,
  momentumZ: readonly Reading[],
  flowImbalance: Reading,
): void {
  let lowest = 0
  let highest = 0
  for (const reading of momentumZ) {
    if (!isUsable(reading)) continue
    lowest = Math.min(lowest, reading.value)
    highest = Math.max(highest, reading.value)
  }
  // Without trades there is nobody who runs: an unknown flow leans nowhere.
  const buyShare = isUsable(flowImbalance) ? (1 + flowImbalance.value) / 2 : 0.5
  updateSide(state.falling, config, tsMs, -lowest, 1 - buyShare)
  updateSide(state.rising, config, tsMs, highest, buyShare)
}

function updateSide(side: KnifeSide, config: KnifeConfig, tsMs: number, z: number, share: number): void {
  const isBeyond = side.isOn
    ? z >= STAY_SHARE * config.z && share > 0.5
    : z >= config.z && share >= config.flowShare
  if (isBeyond) {
    side.isOn = true
    side.confirmedTsMs = tsMs
  } else if (tsMs - side.confirmedTsMs >= DWELL_MS) side.isOn = false
}
