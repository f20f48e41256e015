// The function's environment variables, read once.

function text(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`environment variable ${name} is missing`);
  return value;
}

export const messagesTable = text('MESSAGES_TABLE');
export const accountsTable = text('ACCOUNTS_TABLE');
export const expressQueue = text('EXPRESS_QUEUE_URL');
export const masterKeys = text('KEYS');

// The variables of only one of the two functions.
export const sendVariables = () => ({
  idempotencyTable: text('IDEMPOTENCY_TABLE'),
  retentionSeconds: Number(text('RETENTION_DAYS')) * 24 * 60 * 60,
});
export const deliverVariables = () => ({
  settleQueue: text('SETTLE_QUEUE_URL'),
  whatsapp: `${text('WHATSAPP_URL')}/${text('WHATSAPP_VERSION')}`,
});
