/** Determinism over two hundred seeds: run, run again, replay elsewhere. */
import { test } from 'vitest'
import { expectEqualHashes } from './equal-hashes.ts'

test('two hundred seeds: a run, a second run, and a replay in another process come to equal hashes', async () => {
  const seeds = Array.from({ length: 200 }, (_, index) => 1_000 + 7 * index)
  await expectEqualHashes({ seeds, seconds: 6 })
}, 1_800_000)
