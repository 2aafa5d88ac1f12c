/** The other half of the settings; apart, so that both halves run at once. */
import { expect, test } from 'vitest'
import { KNOB_SECTIONS_LEFT_OUT, measureKnobs } from '../../src/compose/knobs.ts'
import { CONFIG_SECTIONS } from '../../src/config/schema.ts'
import { FIRST_HALF, SECOND_HALF, shortForm } from './knobs-support.ts'

const TIMEOUT_MS = 300_000

test(
  'every setting of risk and of the estimators moves a decision',
  () => {
    expect(measureKnobs(shortForm(SECOND_HALF)).inert).toEqual([])
  },
  TIMEOUT_MS,
)

test('every section of the configuration is either measured or left out with a reason', () => {
  const measured = [...FIRST_HALF, ...SECOND_HALF]
  for (const { key } of CONFIG_SECTIONS) {
    const isMeasured = measured.some((asked) => key === asked || key.startsWith(`${asked}.`))
    expect(isMeasured, `section '${key}'`).toBe(!(key in KNOB_SECTIONS_LEFT_OUT))
  }
})
