import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  isActive,
  isTerminal,
  nextState,
  ORDER_EVENTS,
  ORDER_TABLE,
} from '../../../src/core/orders/order-state.ts'
import type { OrderState } from '../../../src/core/orders/order-state.ts'

const STATES = Object.keys(ORDER_TABLE) as OrderState[]
const page = readFileSync(new URL('../../../docs/order-states.md', import.meta.url), 'utf8')

function rowsAfter(heading: string): string[][] {
  const lines = page.slice(page.indexOf(heading)).split('\n')
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(0, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

describe('the table of order states', () => {
  test('stands in the docs exactly as in the code', () => {
    const [header, , ...rows] = rowsAfter('| state | accepted')
    expect(header).toEqual(['state', ...ORDER_EVENTS])
    expect(Object.fromEntries(rows.map(([state, ...cells]) => [state, cells.join(' ')]))).toEqual(ORDER_TABLE)
  })

  test('tells active and terminal states as the docs do', () => {
    const [, , ...rows] = rowsAfter('| state | meaning')
    expect(rows.map(([state]) => state)).toEqual(STATES)
    for (const [state, , active, terminal] of rows) {
      expect(isActive(state as OrderState)).toBe(active === 'yes')
      expect(isTerminal(state as OrderState)).toBe(terminal === 'yes')
    }
  })

  test('leads to known states only, and never out of a terminal one', () => {
    for (const state of STATES) {
      for (const event of ORDER_EVENTS) {
        for (const hasFills of [false, true]) {
          const next = nextState(state, event, hasFills)
          expect(STATES).toContain(next.state)
          if (isTerminal(state)) expect(next.state).toBe(state)
          if (next.outcome !== 'moved') expect(next.state).toBe(state)
        }
      }
    }
  })
})
