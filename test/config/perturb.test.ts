/** Other values of each field: within the schema, different, mild ones first. */
import { describe, expect, test } from 'vitest'
import { perturbationsOf } from '../../src/config/perturb.ts'
import { CONFIG_FIELDS } from '../../src/config/schema.ts'
import { camelOf } from '../../src/config/schema-walk.ts'
import { load } from '../support/config.ts'

const textsOf = (key: string, value: unknown): string[] => {
  const field = CONFIG_FIELDS.find((one) => one.key === key)
  return field === undefined ? [] : perturbationsOf(field, value).map(({ text }) => text)
}

describe('perturbations', () => {
  test.each([
    ['risk.gamma_base', 0.3, ['0.6', '0.15', '3', '0.03']],
    ['quoting.ladder.levels', 5, ['10', '3', '20', '1']],
    ['stochastic.tick_floor', true, ['false']],
    ['quoting.ladder.spacing', 'linear', ['geometric']],
    [
      'estimators.volatility_regime_enter',
      [1, 2, 3],
      ['[0.5,1,1.5]', '[2,4,6]', '[0.1,0.2,0.3]', '[10,20,30]'],
    ],
  ])('of %s = %j begin with %j', (key, value, expected) => {
    expect(textsOf(key, value).slice(0, expected.length)).toEqual(expected)
  })

  test('of zero go up only', () => {
    const field = CONFIG_FIELDS.find(({ key }) => key === 'strategy.glft.skew_bps_at_max')
    const changes = field === undefined ? [] : perturbationsOf(field, 0)
    expect(changes.length).toBeGreaterThan(1)
    expect(changes.every(({ direction, text }) => direction === 'up' && Number(text) > 0)).toBe(true)
  })

  test('of every default pass the schema and are not the default', () => {
    const { values } = load()
    let count = 0
    for (const field of CONFIG_FIELDS) {
      let value: unknown = values
      for (const part of field.key.split('.')) value = (value as Record<string, unknown>)[camelOf(part)]
      for (const { text } of perturbationsOf(field, value)) {
        const parsed: unknown = typeof value === 'string' ? text : JSON.parse(text)
        const isSteps = field.key.endsWith('regime_enter')
        // A tenfold list may leave its bounds: the configuration then refuses it, and it is passed over.
        if (!isSteps) expect(field.type.safeParse(parsed).success, `${field.key}=${text}`).toBe(true)
        expect(parsed, field.key).not.toEqual(value)
        count += 1
      }
    }
    expect(count).toBeGreaterThan(300)
  })
})
