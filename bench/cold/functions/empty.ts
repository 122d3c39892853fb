// What any function costs: the minimum for a cold start.
export const handler = async (): Promise<void> => undefined
