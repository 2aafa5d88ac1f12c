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

test('a setting that the strategy in use does not read is found out', () => {
  const command = shortForm(['quoting.ladder'])
  const report = measureKnobs({
    ...command,
    scenarios: ['calm'],
    seconds: 20,
    configOf: (assignments) => command.configOf(['strategy.name=fixed-spread', ...assignments]),
  })
  // The fixed spread has levels, and none of the rest.
  expect(report.inert).toContain('quoting.ladder.max_depth_bps')
  expect(report.inert).toContain('quoting.ladder.fees_bps')
  expect(report.inert).not.toContain('quoting.ladder.levels')
})

test('a section that there is not is an error that lists those there are', () => {
  const failure = failureOf(() => measureKnobs({ ...shortForm(['rsik']), scenarios: [] }))
  expect(failure).toMatchObject({ code: 'BAD_VALUE' })
  expect(failure.message).toMatch(/--section rsik: there are .*risk\.mmp/)
})
