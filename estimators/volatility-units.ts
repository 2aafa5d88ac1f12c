/** Volatility between units, and from returns of uneven length. docs/math/volatility.md */
import { assert } from '../src/core/assert.ts'

/** σ per √second of a yearly one. @param secondsPerYear 31 536 000 for a market that never closes */
export function annualToPerSqrtSecond(annualVol: number, secondsPerYear: number): number {
  assert(annualVol >= 0 && secondsPerYear > 0, 'a volatility is not negative and a year has seconds')
  return annualVol / Math.sqrt(secondsPerYear)
}

interface TimedReturns {
  readonly logReturns: readonly number[]
  readonly durationsSec: readonly number[]
}

/** Two estimates of σ per √second: Σr²/Σt, and the mean of r²/t (efficient only if the diffusion is steady). */
export function sigmaPerSqrtSecond(of: TimedReturns): {
  readonly timeWeighted: number
  readonly meanOfNormalised: number
} {
  let squares = 0
  let seconds = 0
  let normalised = 0
  of.logReturns.forEach((value, index) => {
    const duration = of.durationsSec[index] ?? 0
    assert(duration > 0, 'every return spans some time')
    squares += value * value
    seconds += duration
    normalised += (value * value) / duration
  })
  assert(seconds > 0, 'a volatility needs at least one return')
  return {
    timeWeighted: Math.sqrt(squares / seconds),
    meanOfNormalised: Math.sqrt(normalised / of.logReturns.length),
  }
}

/** Decayed variance per second: num ← d·num + r², den ← d·den + t with d = 2^{−t/halfLife}. */
export function ewmaVariancePerSecond(of: TimedReturns, halfLifeSec: number): number {
  assert(halfLifeSec > 0, 'a half life is positive')
  let squares = 0
  let seconds = 0
  of.logReturns.forEach((value, index) => {
    const duration = of.durationsSec[index] ?? 0
    const decay = 0.5 ** (duration / halfLifeSec)
    squares = squares * decay + value * value
    seconds = seconds * decay + duration
  })
  assert(seconds > 0, 'a volatility needs at least one return')
  return squares / seconds
}
