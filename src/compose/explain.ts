/**
 * `hypermake explain DIR`: one decision of a journalled run, taken apart; with `--set`, the same moment with other settings
 * beside it. Reads the journal, sends nothing.
 */
import type { ExplainOptions } from '../config/options.ts'
import { exitCodes } from './exit-codes.ts'
import { explainMoment } from './explain-moment.ts'
import { explanationText } from './explain-text.ts'

/** Prints the explanation. @throws MomentError, JournalError, ConfigError */
export function explain(options: ExplainOptions): Promise<number> {
  const report = explainMoment(options)
  const text = options.json ? `${JSON.stringify({ kind: 'explain', ...report })}\n` : explanationText(report)
  process.stdout.write(text)
  return Promise.resolve(exitCodes.ok)
}
