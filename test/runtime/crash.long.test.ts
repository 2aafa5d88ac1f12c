import { test } from 'vitest'
import { expectNothingLost } from '../support/crash-laws.ts'
import { crashStory } from '../support/crash-story.ts'

/** A hundred crashes in all; the seed of a failing story is its name. */
test.each(Array.from({ length: 10 }, (_, index) => 100 + index))(
  'ten makers killed one after another at instants of seed %i',
  async (seed) => {
    expectNothingLost(await crashStory({ seed, crashes: 10, spanMs: 6_000 }))
  },
  400_000,
)
