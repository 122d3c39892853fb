// What Lambda runs for a look or a run of a runbook that comes with Tocsin.
import { BUILT_IN } from '../runbooks/built-in.ts'
import { remediating } from './remediating.ts'

export const handler = remediating(BUILT_IN)
