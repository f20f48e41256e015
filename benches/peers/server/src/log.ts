// The log: one JSON line for each message and process.

export const log = (line: { event: string; [field: string]: unknown }) => console.log(JSON.stringify(line));
