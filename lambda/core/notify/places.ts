// Where an incident is shown.
import type { Rules } from '../services/rules.ts'

/** Where what belongs to no team is told, and what concerns Tocsin itself. */
export const homeOf = ({ config }: Rules): string => config.slack.channel

/** Versions up to 0.1.0 knew one place. */
export const placesOf = ({ places }: { places?: readonly string[] }, rules: Rules): readonly string[] =>
  places && places.length > 0 ? places : [homeOf(rules)]
