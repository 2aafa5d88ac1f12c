/**
 * A price path with a little past and a little future around the present block: makers read it late, informed takers
 * early. Real numbers in the unit of whoever fills it (dollars for a coin, ticks for a market).
 *
 * state   one ring of `PATH_BLOCKS` numbers and the index of the present
 */
import { assert } from '../core/assert.ts'

export const PATH_BLOCKS = 4096
/** How far the path is known ahead of the present. */
export const PATH_AHEAD_BLOCKS = 2048
/** How far back it is kept. */
export const PATH_PAST_BLOCKS: number = PATH_BLOCKS - PATH_AHEAD_BLOCKS - 1

export interface PricePath {
  readonly values: Float64Array
  /** Blocks since the start; the path is known up to `PATH_AHEAD_BLOCKS` after it. */
  present: number
}

/** @param valueAt gives the value of block 0, 1, 2 … in this order, `PATH_AHEAD_BLOCKS` + 1 of them */
export function initPath(valueAt: (block: number) => number): PricePath {
  const path: PricePath = { values: new Float64Array(PATH_BLOCKS), present: 0 }
  for (let block = 0; block <= PATH_AHEAD_BLOCKS; block += 1) write(path, block, valueAt(block))
  return path
}

/** The present moves one block on; `value` is the newly known end of the path. */
export function extendPath(path: PricePath, value: number): void {
  path.present += 1
  write(path, path.present + PATH_AHEAD_BLOCKS, value)
}

/**
 * @param offsetBlocks 0 is the present; negative the past (before the start: the first value), positive the future
 */
export function priceAt(path: PricePath, offsetBlocks: number): number {
  assert(offsetBlocks <= PATH_AHEAD_BLOCKS, 'nobody sees beyond the known path')
  assert(offsetBlocks >= -PATH_PAST_BLOCKS, 'nobody looks back beyond the kept path')
  const block = Math.max(path.present + offsetBlocks, 0)
  const value = path.values[block % PATH_BLOCKS]
  assert(value !== undefined && value > 0, 'a known price is positive')
  return value
}

function write(path: PricePath, block: number, value: number): void {
  assert(Number.isFinite(value) && value > 0, 'a price on the path is positive and finite')
  path.values[block % PATH_BLOCKS] = value
}
