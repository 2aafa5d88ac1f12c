/** What deployers tell people about their markets: `setPerpAnnotation`, and who asks for it. */
import { z } from 'zod'
import type { Annotation } from '../../exchange/command.ts'
import type { VenueContext } from '../context.ts'
import type { WireConciseAnnotation, WirePerpAnnotation } from '../wire/types.ts'
import { defineInfo, type InfoHandler } from './info.ts'

const none = z.object({})

/** Null for a market that nobody annotated, and for a coin that there is not. */
export const perpAnnotation: InfoHandler = defineInfo(z.object({ coin: z.string() }), (context, { coin }) => {
  const found = annotated(context).find(([name]) => name === coin)
  if (found === undefined) return null
  const [, annotation] = found
  return {
    category: annotation.category,
    description: annotation.description,
    ...hintsOf(annotation),
  } satisfies WirePerpAnnotation
})

export const perpConciseAnnotations: InfoHandler = defineInfo(none, (context) =>
  annotated(context).map(([coin, annotation]) => [
    coin,
    { category: annotation.category, ...hintsOf(annotation) } satisfies WireConciseAnnotation,
  ]),
)

export const perpCategories: InfoHandler = defineInfo(none, (context) =>
  annotated(context).map(([coin, { category }]) => [coin, category]),
)

function hintsOf({ displayName, keywords }: Annotation): Omit<WireConciseAnnotation, 'category'> {
  return {
    ...(displayName === null ? {} : { displayName }),
    ...(keywords.length === 0 ? {} : { keywords: [...keywords] }),
  }
}

/** In the order of the markets. */
function annotated({ exchange }: VenueContext): [coin: string, annotation: Annotation][] {
  return exchange.markets.flatMap(({ dex, instrument }) => {
    const annotation = dex.desk?.annotations.get(instrument.assetId)
    return annotation === undefined ? [] : [[instrument.coin, annotation] satisfies [string, Annotation]]
  })
}
