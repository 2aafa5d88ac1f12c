/**
 * Writes market records for ever and says on its output how many were acknowledged. Run by crash.test.ts, which kills it, or lets
 * it meet a limit of the system: then the code of its failure is its last line.
 */
import { writeSync } from 'node:fs'
import { openJournal } from '../../src/journal/writer.ts'
import { endlessMarket, header } from './arbitrary.ts'

const dir = process.argv[2] ?? ''
const segmentBytesMax = Number(process.argv[3] ?? 64 * 1024)
const writer = await openJournal({
  dir,
  header,
  sync: 'group',
  segmentBytesMax,
  onFailure: (error) => {
    writeSync(1, `${error.code}\n`)
    process.exit(1)
  },
})
let appended = 0
for (const record of endlessMarket()) {
  writer.append(record)
  appended += 1
  if (appended % 7 === 0) {
    const through = appended
    const wait = writer.durable().then(() => writeSync(1, `${through}\n`))
    // Sometimes several groups are under way when the end comes, sometimes one.
    if (appended % 21 === 0) await wait
  }
}
