/** A few of the records at which a maker may die; crash-everywhere.long.test.ts tries all of them. */
import { expect, test } from 'vitest'
import { crashEverywhere, type Life } from '../support/crash-everywhere.ts'

/** The start, quotes on their way, a quote that moves, a fill, the pause, and what comes with the reconnect. */
const RECORDS = [1, 5, 'command place', 'command modify', 'input fill', 'command cancel', 40]

test('makers that die at a record of their journal leave nothing that the next one does not find', async () => {
  const lives = RECORDS.map((diesAt, index): Life => {
    return { diesAt, death: index % 2 === 0 ? 'unsent' : 'sent' }
  })
  const report = await crashEverywhere(lives)
  expect(report.broken).toEqual([])
  expect(report.fillCount).toBeGreaterThan(0)
  expect(report.lastKinds.size).toBeGreaterThan(3)
}, 60_000)
