/** The two answers that most commands have: it happened, or nothing did and this is why. */
import type { CommandAnswer } from './command.ts'

export const DONE: CommandAnswer = { kind: 'done' }

/** @param text the venue's words */
export function refused(text: string): CommandAnswer {
  return { kind: 'refused', text }
}
