/**
 * What the next trials try. A proposal depends on the space, the seed, the number of the trial and, for TPE, on the trials of
 * earlier generations only: never on which worker was quicker.
 */
import { assert } from '../../core/assert.ts'
import { initSfc32, nextUint32, nextUnit } from '../../core/math/sfc32.ts'
import { sobolPoint } from './sobol.ts'
import { gridPoint, unitOf, valueAt } from './space.ts'
import type { Dimension, Settings } from './space.ts'
import { proposeByTpe } from './tpe.ts'

export const SWEEP_METHODS = ['grid', 'random', 'sobol', 'tpe'] as const
export type SweepMethod = (typeof SWEEP_METHODS)[number]

/** Trials that TPE draws from the same knowledge; as many workers can be busy. */
export const GENERATION = 8
/** Trials that TPE takes from Sobol before it has something to learn from. */
const LEARNING_TRIALS = 16
const WORD = 2 ** 32
const SOBOL_STREAM = 8_001
const RANDOM_STREAM = 8_002
const TPE_STREAM = 8_003

/** A finished trial, as a proposal may look at it. */
export interface KnownTrial {
  readonly settings: Settings
  /** Of the searched windows, higher is better; null: it could not run, or has no score. */
  readonly score: number | null
}

/**
 * @param index 0 for the first proposed trial
 * @param known results of proposed trials, at least those of all earlier generations; later ones are not looked at
 */
export function proposeTrial(
  method: SweepMethod,
  space: readonly Dimension[],
  seed: number,
  index: number,
  known: readonly KnownTrial[],
): Settings {
  switch (method) {
    case 'grid':
      return gridPoint(space, index)
    case 'random': {
      // Trials are streams of their own, so that one can be drawn without those before it.
      const random = initSfc32(seed, RANDOM_STREAM + index * STREAM_STRIDE)
      return space.map((dimension) => valueAt(dimension, nextUnit(random)))
    }
    case 'sobol':
      return shiftedSobol(space, seed, index)
    case 'tpe': {
      if (index < LEARNING_TRIALS) return shiftedSobol(space, seed, index)
      const learned = Math.floor(index / GENERATION) * GENERATION
      assert(known.length >= learned, 'the earlier generations are finished')
      const scored = known.slice(0, learned).map(({ settings, score }) => ({
        units: space.map((dimension, at) => unitOf(dimension, settings[at] ?? 0)),
        score: score ?? -Infinity,
      }))
      const random = initSfc32(seed, TPE_STREAM + index * STREAM_STRIDE)
      return proposeByTpe(scored, space.length, random).map((unit, at) => {
        const dimension = space[at]
        assert(dimension !== undefined, 'a point has the dimensions of its space')
        return valueAt(dimension, unit)
      })
    }
  }
}

/** Keeps the streams of trials apart from those of the methods. */
const STREAM_STRIDE = 16

/** Shifted by random words per dimension: another seed is another set, just as even. */
function shiftedSobol(space: readonly Dimension[], seed: number, index: number): Settings {
  const random = initSfc32(seed, SOBOL_STREAM)
  const words = sobolPoint(index, space.length)
  return space.map((dimension, at) =>
    valueAt(dimension, (((words[at] ?? 0) ^ nextUint32(random)) >>> 0) / WORD),
  )
}

/** How many trials a generation ends at: all of them may be proposed once those before it are finished. */
export function readyUntil(method: SweepMethod, finished: number, total: number): number {
  if (method !== 'tpe') return total
  if (finished < LEARNING_TRIALS) return Math.min(total, LEARNING_TRIALS)
  return Math.min(total, (Math.floor(finished / GENERATION) + 1) * GENERATION)
}
