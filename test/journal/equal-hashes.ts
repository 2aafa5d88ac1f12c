/** The law of determinism, for as many seeds as a suite has time for: run, run again, replay elsewhere, all equal. */
import { join } from 'node:path'
import { expect } from 'vitest'
import { runTwoMachines } from '../support/two-machines.ts'
import type { TwoHashes } from '../support/two-machines.ts'
import { runNode } from '../support/spawn.ts'
import { freshDir } from './arbitrary.ts'

/** A locale with another alphabet's digits and order, and a time zone of half hours on another day. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  ...{ LC_ALL: 'ar_EG.UTF-8', LANG: 'ar_EG.UTF-8', TZ: 'Pacific/Marquesas' },
}
/** Seeds that one child process takes: its command line and its time stay short. */
const SEEDS_PER_CHILD = 25

export async function expectEqualHashes(of: {
  readonly seeds: readonly number[]
  readonly seconds: number
}): Promise<void> {
  const root = freshDir()
  const seen = new Set<string>()
  for (let first = 0; first < of.seeds.length; first += SEEDS_PER_CHILD) {
    const seeds = of.seeds.slice(first, first + SEEDS_PER_CHILD)
    const dirs = seeds.map((seed) => join(root, String(seed)))
    const live: TwoHashes[] = []
    for (const [index, seed] of seeds.entries()) {
      live.push(await runTwoMachines(dirs[index] ?? '', { seed, seconds: of.seconds }))
      expect(await runTwoMachines(null, { seed, seconds: of.seconds }), `seed ${seed}`).toEqual(live[index])
      seen.add(JSON.stringify(live[index]))
    }
    expect(await childHashes(['replay', ...dirs], ELSEWHERE)).toEqual(live)
  }
  // Equal hashes of different seeds would say that nothing is in them.
  expect(seen.size).toBe(of.seeds.length)
}

/** @param nodeFlags of the child: `--jitless` */
export async function childHashes(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  nodeFlags: readonly string[] = [],
): Promise<TwoHashes[]> {
  const ended = await runNode([...nodeFlags, '--import', 'tsx', 'test/support/hash-child.ts', ...args], {
    env,
  })
  expect(ended.code, ended.stderr).toBe(0)
  return ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TwoHashes)
}
