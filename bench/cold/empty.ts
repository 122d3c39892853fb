// What any function costs: the least that a cold start can be.
export const handler = async (): Promise<void> => undefined
