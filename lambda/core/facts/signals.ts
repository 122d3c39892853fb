// The words Tocsin knows: signals, kinds of service, severities.

export const SIGNALS = ['disk', 'memory', 'latency', 'errors', 'saturation', 'availability', 'cpu', 'other'] as const
export type Signal = (typeof SIGNALS)[number]

export const KINDS = ['service', 'load-balancer', 'client', 'database', 'queue', 'external'] as const
export type Kind = (typeof KINDS)[number]

export const SEVERITIES = ['minor', 'major', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]
