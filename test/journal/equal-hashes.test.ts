/** Determinism of both machines together; `npm run test:long` has two hundred seeds. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runTwoMachines } from '../support/two-machines.ts'
import { freshDir } from './arbitrary.ts'
import { childHashes, ELSEWHERE, expectEqualHashes } from './equal-hashes.ts'

/** Other processes compile the sources anew, which takes long on a busy machine. */
const PROCESSES_MS_MAX = 180_000

test(
  'a run, the same seed again, and a replay in a process of another locale and time zone come to equal hashes',
  async () => {
    await expectEqualHashes({ seeds: [1, 2, 3, 5, 8, 13], seconds: 10 })
  },
  PROCESSES_MS_MAX,
)

test(
  'without the compiler (--jitless) a seed and its journal come to the same hashes',
  async () => {
    const dir = join(freshDir(), 'run')
    const live = await runTwoMachines(dir, { seed: 21, seconds: 8 })
    expect(await childHashes(['replay', dir], {}, ['--jitless'])).toEqual([live])
    expect(await childHashes(['run', '8', '21'], ELSEWHERE, ['--jitless'])).toEqual([live])
  },
  PROCESSES_MS_MAX,
)
