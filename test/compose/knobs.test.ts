/** A setting that changes nothing is a promise that is not kept: it fails the build here. */
import { expect, test } from 'vitest'
import { measureKnobs } from '../../src/compose/knobs.ts'
import { failureOf } from '../support/config.ts'
import { FIRST_HALF, shortForm } from './knobs-support.ts'

const TIMEOUT_MS = 300_000

test(
  'every setting of strategy, quoting, floors and execution moves a decision',
  () => {
    const report = measureKnobs(shortForm(FIRST_HALF))
    expect(report.inert).toEqual([])
    const keys = new Set(report.results.map(({ key }) => key))
    for (const key of ['strategy.glft.momentum_z_min', 'quoting.ladder.levels', 'execution.timer_ms'])
      expect(keys).toContain(key)
  },
  TIMEOUT_MS,
)

test(
  'a setting that the strategy in use does not read is found out',
  () => {
    const command = shortForm(['strategy.avellaneda_stoikov'])
    const report = measureKnobs({
      ...command,
      seconds: 20,
      configOf: (assignments) => command.configOf([...assignments, 'strategy.name=fixed-spread']),
    })
    // With the horizon of another strategy a fixed spread does nothing; the test above shows that it is alive where it is read.
    expect(report.inert).toEqual(['strategy.avellaneda_stoikov.horizon_sec'])
  },
  TIMEOUT_MS,
)

test('a section that there is not is an error that lists those there are', () => {
  const failure = failureOf(() => measureKnobs({ ...shortForm(['rsik']), scenarios: [] }))
  expect(failure).toMatchObject({ code: 'BAD_VALUE' })
  expect(failure.message).toMatch(/--section rsik: there are .*risk\.mmp/)
})
